import Text

/// Colour for one stream, or none. Colour only repeats what the words say.
struct Paint: Sendable {
    enum Colour: String, Sendable {
        case red = "31"
        case green = "32"
        case yellow = "33"
        case blue = "34"
        case cyan = "36"
        case dim = "2"
        case bold = "1"
    }

    enum Choice: String, Sendable, CaseIterable { case auto, always, never }

    let isOn: Bool

    init(_ isOn: Bool) { self.isOn = isOn }

    /// `--color`, then `NO_COLOR` (no-color.org), then `FORCE_COLOR`, then `TERM=dumb`, then whether it is a terminal.
    init(_ choice: Choice, environment: [String: String], isTerminal: Bool) {
        switch choice {
        case .always: isOn = true
        case .never: isOn = false
        case .auto:
            if !(environment["NO_COLOR"] ?? "").isEmpty {
                isOn = false
            } else if let force = environment["FORCE_COLOR"], !force.isEmpty {
                isOn = force != "0" && force != "false"
            } else {
                isOn = environment["TERM"] != "dumb" && isTerminal
            }
        }
    }

    func callAsFunction(_ colour: Colour?, _ text: String) -> TerminalText { self(colour, TerminalText(text)) }

    func callAsFunction(_ colour: Colour?, _ text: TerminalText) -> TerminalText {
        guard isOn, let colour, !text.isEmpty else { return text }
        return "\u{1B}[\(colour.rawValue)m\(text)\u{1B}[0m"
    }
}

extension Paint.Colour {
    /// The colour of a word of state, in whatever kind it appears.
    static func of(state: String) -> Paint.Colour? {
        switch state {
        case "Succeeded", "Released", "Online", "Ready", "True", "Closed": .green
        case "Failed", "TimedOut", "Offline", "Open", "Stalled": .red
        case "Running", "Busy", "Assigned": .cyan
        case "Blocked", "Held", "Draining", "Maintenance", "Cancelled", "HalfOpen": .yellow
        case "Pending", "Planning", "Waiting", "Provisioning", "Unknown", "Skipped": .dim
        default: nil
        }
    }
}
