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
        var total: Int64 = 0
        var bytes = text.utf8.makeIterator()
        var next = bytes.next()
        guard next != nil else { return nil }
        while next != nil {
            var count: Int64 = 0
            var digits = 0
            while let byte = next, (0x30...0x39).contains(byte) {
                count = count * 10 + Int64(byte - 0x30)
                guard count <= 1_000_000_000_000 else { return nil }
                digits += 1
                next = bytes.next()
            }
            guard digits > 0, let letter = next else { return nil }
            next = bytes.next()
            let unit: Int64
            switch letter {
            case UInt8(ascii: "m") where next == UInt8(ascii: "s"):
                unit = 1
                next = bytes.next()
            case UInt8(ascii: "s"): unit = 1000
            case UInt8(ascii: "m"): unit = 60_000
            case UInt8(ascii: "h"): unit = 3_600_000
            default: return nil
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
