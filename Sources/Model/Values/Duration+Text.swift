extension Duration {
    package var milliseconds: Int64 {
        let (seconds, attoseconds) = components
        return seconds &* 1000 &+ attoseconds / 1_000_000_000_000_000
    }

    package var nanoseconds: Int64 {
        let (seconds, attoseconds) = components
        return seconds &* 1_000_000_000 &+ attoseconds / 1_000_000_000
    }

    package static func minutes(_ count: Int64) -> Duration { .seconds(count * 60) }
    package static func hours(_ count: Int64) -> Duration { .seconds(count * 3600) }

    /// Reads Kubernetes' form, `90s`, `5m`, `1h30m`, `250ms`; nil for anything else. The longest is ten years.
    package init?(text: String) {
        guard text != "0" else {
            self = .zero
            return
        }
        var rest = Substring(text)
        var total: Int64 = 0
        guard !rest.isEmpty else { return nil }
        while !rest.isEmpty {
            let digits = rest.prefix { $0.isASCII && $0.isNumber }
            guard let count = Int64(digits), count <= 1_000_000_000_000 else { return nil }
            rest = rest.dropFirst(digits.count)
            let unit: Int64
            if rest.hasPrefix("ms") {
                (unit, rest) = (1, rest.dropFirst(2))
            } else if rest.hasPrefix("s") {
                (unit, rest) = (1000, rest.dropFirst())
            } else if rest.hasPrefix("m") {
                (unit, rest) = (60_000, rest.dropFirst())
            } else if rest.hasPrefix("h") {
                (unit, rest) = (3_600_000, rest.dropFirst())
            } else {
                return nil
            }
            let (product, overflow) = count.multipliedReportingOverflow(by: unit)
            guard !overflow, product <= 315_360_000_000 - total else { return nil }
            total += product
        }
        self = .milliseconds(total)
    }

    /// The same form, exact to the millisecond: `1h30m`, `90s` is `1m30s`, `0s`.
    package var text: String {
        var rest = milliseconds
        guard rest != 0 else { return "0s" }
        var text = rest < 0 ? "-" : ""
        rest = abs(rest)
        for (unit, size) in [("h", Int64(3_600_000)), ("m", 60_000), ("s", 1000), ("ms", 1)] where rest >= size {
            text += "\(rest / size)\(unit)"
            rest %= size
        }
        return text
    }

    /// For people, as kubectl prints ages: `45s`, `5m3s`, `3h12m`, `2d4h`, `400d`.
    package var age: String {
        let seconds = max(0, milliseconds / 1000)
        let (minutes, hours, days) = (seconds / 60, seconds / 3600, seconds / 86400)
        if seconds < 120 { return "\(seconds)s" }
        if minutes < 10 { return seconds % 60 == 0 ? "\(minutes)m" : "\(minutes)m\(seconds % 60)s" }
        if minutes < 180 { return "\(minutes)m" }
        if hours < 8 { return minutes % 60 == 0 ? "\(hours)h" : "\(hours)h\(minutes % 60)m" }
        if hours < 48 { return "\(hours)h" }
        if days < 8 { return hours % 24 == 0 ? "\(days)d" : "\(days)d\(hours % 24)h" }
        return days < 730 ? "\(days)d" : "\(days / 365)y"
    }
}
