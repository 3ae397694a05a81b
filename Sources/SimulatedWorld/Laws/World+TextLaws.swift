import Model
import Ports
import Tree

// Messages are written for people: none shows a value as Swift prints it for a programmer.
extension World {
    mutating func inspectText(_ key: ObjectKey, _ object: StoredObject) {
        if key.kind == .event { return judge(object.tree["message"]?.string, key) }
        guard let status = object.tree["status"] else { return }
        judge(status["message"]?.string, key)
        for condition in status["conditions"]?.array ?? [] { judge(condition["message"]?.string, key) }
        for attempt in status["attempts"]?.array ?? [] { judge(attempt["message"]?.string, key) }
        judge(status["failure"]?["message"]?.string, key)
    }

    private mutating func judge(_ message: String?, _ key: ObjectKey) {
        guard let message, message.showsSwift else { return }
        fail(.text, "a message of \(key) shows a raw value: \(message)")
    }
}

extension String {
    /// `Optional(…)`, `Name(label: …)`, `Type.case`: nothing that people say.
    package var showsSwift: Bool {
        if holds("Optional(") || holds("(unknown context") || holds("Swift.") { return true }
        let bytes = Array(utf8)
        for index in bytes.indices where bytes[index] == UInt8(ascii: "(") && index > 0 {
            let word = bytes[..<index].reversed().prefix { Self.isWord($0) }
            guard let first = word.last, (0x41...0x5A).contains(first) else { continue }
            let label = bytes[(index + 1)...].prefix { Self.isWord($0) }
            let end = index + 1 + label.count
            if !label.isEmpty, end + 1 < bytes.count, bytes[end] == UInt8(ascii: ":"), bytes[end + 1] == 0x20 {
                return true
            }
        }
        return false
    }

    private static func isWord(_ byte: UInt8) -> Bool {
        (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte) || byte == 0x5F
    }
}
