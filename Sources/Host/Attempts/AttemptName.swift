/// Which attempt of which task; names the attempt's directory.
package struct AttemptName: Sendable, Hashable, Comparable, CustomStringConvertible {
    package let taskUID: String
    package let attempt: Int

    package init(taskUID: String, attempt: Int) {
        self.taskUID = taskUID
        self.attempt = attempt
    }

    /// Reads what `description` wrote.
    package init?(_ text: String) {
        guard let dash = text.lastIndex(of: "-"), let attempt = Int(text[text.index(after: dash)...]) else {
            return nil
        }
        self.init(taskUID: String(text[..<dash]), attempt: attempt)
        guard isSafe else { return nil }
    }

    package var description: String { "\(taskUID)-\(attempt)" }

    /// Whether it can be a file's name: uids can, made-up ones may not.
    var isSafe: Bool {
        (1...128).contains(taskUID.utf8.count) && attempt >= 0 && !taskUID.hasPrefix(".")
            && taskUID.utf8.allSatisfy { $0 == 0x2D || $0 == 0x2E || isAlphanumeric($0) }
    }

    package static func < (a: AttemptName, b: AttemptName) -> Bool {
        a.taskUID == b.taskUID ? a.attempt < b.attempt : a.taskUID < b.taskUID
    }
}

func isAlphanumeric(_ byte: UInt8) -> Bool {
    (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
}
