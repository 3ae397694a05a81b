import Model

/// What the agent tells a guard: one line each.
enum GuardCommand: Sendable, Hashable {
    /// SIGTERM now, SIGKILL after the kill grace.
    case terminate
    case kill
    /// The lease runs from that instant of the boot clock, which both share. A renewal that waited unread is worth no
    /// more.
    case renew(from: Instant)

    /// Whether it is meant to end the attempt.
    var ends: Bool {
        switch self {
        case .terminate, .kill: true
        case .renew: false
        }
    }

    init?(line: [UInt8]) {
        let words = String(decoding: line, as: UTF8.self).split(separator: " ")
        switch (words.first, words.count) {
        case ("terminate", 1): self = .terminate
        case ("kill", 1): self = .kill
        case ("renew", 2):
            guard let instant = Int64(words[1]) else { return nil }
            self = .renew(from: Instant(nanoseconds: instant))
        default: return nil
        }
    }

    var line: [UInt8] {
        switch self {
        case .terminate: Array("terminate\n".utf8)
        case .kill: Array("kill\n".utf8)
        case .renew(let instant): Array("renew \(instant.nanoseconds)\n".utf8)
        }
    }
}
