/// `${tasks.NAME.outputs.KEY}` in a task: the value that another task wrote to its outputs.
package struct OutputReference: Sendable, Hashable {
    package let task: String
    package let key: String
    /// The reference as it is written.
    package var text: String { "${tasks.\(task).outputs.\(key)}" }

    private static let opening = Array("${tasks.".utf8)
    private static let divider = Array(".outputs.".utf8)

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
        let bytes = Array(text.utf8)
        var parts: [Part] = []
        // Up to here everything is in `parts`.
        var from = 0
        func literal(upTo end: Int) {
            if end > from { parts.append(.literal(String(decoding: bytes[from..<end], as: UTF8.self))) }
        }
        var index = 0
        while index < bytes.count {
            guard bytes[index] == opening[0], bytes[index...].starts(with: opening) else {
                index += 1
                continue
            }
            literal(upTo: index)
            let end = bytes[index...].firstIndex(of: UInt8(ascii: "}"))
            from = end.map { $0 + 1 } ?? bytes.count
            let written = bytes[index..<from]
            parts.append(end == nil ? .malformed(String(decoding: written, as: UTF8.self)) : part(of: written))
            index = from
        }
        literal(upTo: bytes.count)
        return parts
    }

    /// Whether all of it stands for itself.
    static func isLiteral(_ text: String) -> Bool {
        var matched = 0
        for byte in text.utf8 {
            // Only the first byte of the opening is a dollar sign, so a mismatch starts over with this byte.
            matched = byte == opening[matched] ? matched + 1 : byte == opening[0] ? 1 : 0
            if matched == opening.count { return false }
        }
        return true
    }

    /// What stands in braces is `tasks.NAME.outputs.KEY`. Names may hold dots, keys may not: the last `.outputs.`
    /// divides them.
    private static func part(of written: ArraySlice<UInt8>) -> Part {
        func text(_ range: Range<Int>) -> String { String(decoding: written[range], as: UTF8.self) }
        let start = written.startIndex + opening.count
        let end = written.endIndex - 1
        guard let dot = written[start..<end].lastIndex(of: UInt8(ascii: ".")), dot + 1 - divider.count > start,
            written[(dot + 1 - divider.count)...dot].elementsEqual(divider)
        else { return .malformed(text(written.indices)) }
        let task = text(start..<dot + 1 - divider.count)
        let key = text(dot + 1..<end)
        return isKey(key) && ObjectName.isValid(task)
            ? .reference(OutputReference(task: task, key: key)) : .malformed(text(written.indices))
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
