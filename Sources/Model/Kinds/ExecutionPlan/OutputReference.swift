/// `${tasks.NAME.outputs.KEY}` in a task: the value that another task wrote to its outputs.
package struct OutputReference: Sendable, Hashable {
    package let task: String
    package let key: String
    /// The reference as it is written.
    package var text: String { "\(OutputReference.opening)\(task).outputs.\(key)}" }

    private static let opening = "${tasks."

    package init(task: String, key: String) {
        self.task = task
        self.key = key
    }

    /// A text cut into what stands for itself and what refers to outputs.
    package enum Part: Sendable, Hashable {
        case literal(String)
        case reference(OutputReference)
        /// Begins like a reference but is none: no closing brace, or not of the form.
        case malformed(String)
    }

    package static func parts(of text: String) -> [Part] {
        var parts: [Part] = []
        var literal: [UInt8] = []
        var rest = ArraySlice(text.utf8)
        let opening = Array(opening.utf8)
        func flush() {
            if !literal.isEmpty { parts.append(.literal(String(decoding: literal, as: UTF8.self))) }
            literal = []
        }
        while let first = rest.first {
            guard rest.starts(with: opening) else {
                literal.append(first)
                rest.removeFirst()
                continue
            }
            flush()
            let end = rest.firstIndex(of: UInt8(ascii: "}"))
            let whole = rest[..<(end.map { $0 + 1 } ?? rest.endIndex)]
            let written = String(decoding: whole, as: UTF8.self)
            parts.append(end == nil ? .malformed(written) : part(of: written))
            rest = rest[whole.endIndex...]
        }
        flush()
        return parts
    }

    private static func part(of written: String) -> Part {
        let inner = written.dropFirst(opening.count).dropLast()
        // Task names may hold dots, keys may not: the last `.outputs.` divides them.
        let words = inner.split(separator: ".", omittingEmptySubsequences: false)
        guard words.count >= 3, words[words.count - 2] == "outputs", let key = words.last, isKey(key) else {
            return .malformed(written)
        }
        let task = words.dropLast(2).joined(separator: ".")
        return ObjectName.isValid(task)
            ? .reference(OutputReference(task: task, key: String(key))) : .malformed(written)
    }

    /// Keys are what shells take as names of variables, and dashes: letters, digits, `_` and `-`, at most 63.
    package static func isKey(_ key: some StringProtocol) -> Bool {
        (1...63).contains(key.utf8.count)
            && key.utf8.allSatisfy { byte in
                (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
                    || byte == UInt8(ascii: "_") || byte == UInt8(ascii: "-")
            }
    }

    /// The references in a text, in order.
    package static func all(in text: String) -> [OutputReference] {
        parts(of: text).compactMap { if case .reference(let reference) = $0 { reference } else { nil } }
    }

    /// The text with each reference replaced; nil where `value` knows no value for one.
    package static func substitute(_ text: String, value: (OutputReference) -> String?) -> String? {
        guard text.utf8.contains(UInt8(ascii: "$")) else { return text }
        var result = ""
        for part in parts(of: text) {
            switch part {
            case .literal(let text), .malformed(let text): result += text
            case .reference(let reference):
                guard let value = value(reference) else { return nil }
                result += value
            }
        }
        return result
    }
}
