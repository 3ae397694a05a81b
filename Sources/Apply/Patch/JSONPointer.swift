import Tree

/// A JSON pointer, RFC 6901: the way to one value of a tree.
struct JSONPointer: Hashable, CustomStringConvertible {
    let description: String
    let tokens: [String]

    init?(_ text: String) {
        description = text
        guard !text.isEmpty else {
            tokens = []
            return
        }
        guard text.utf8.first == UInt8(ascii: "/") else { return nil }
        var tokens: [String] = []
        for part in text.dropFirst().split(separator: "/", omittingEmptySubsequences: false) {
            guard let token = JSONPointer.unescaped(part) else { return nil }
            tokens.append(token)
        }
        self.tokens = tokens
    }

    /// `~1` is `/`, `~0` is `~`; any other `~` is an error.
    private static func unescaped(_ part: Substring) -> String? {
        guard part.utf8.contains(UInt8(ascii: "~")) else { return String(part) }
        var bytes: [UInt8] = []
        var tilde = false
        for byte in part.utf8 {
            if tilde {
                guard byte == UInt8(ascii: "0") || byte == UInt8(ascii: "1") else { return nil }
                bytes.append(byte == UInt8(ascii: "0") ? UInt8(ascii: "~") : UInt8(ascii: "/"))
                tilde = false
            } else if byte == UInt8(ascii: "~") {
                tilde = true
            } else {
                bytes.append(byte)
            }
        }
        return tilde ? nil : String(decoding: bytes, as: UTF8.self)
    }

    /// Whether it leads to a place inside the value at this one.
    func isProperPrefix(of other: JSONPointer) -> Bool {
        tokens.count < other.tokens.count && other.tokens.starts(with: tokens)
    }

    /// The value it leads to, or nil where the way ends early.
    func value(in tree: Tree) -> Tree? {
        var here = tree
        for token in tokens {
            switch here {
            case .object(let members):
                guard let next = members[token] else { return nil }
                here = next
            case .array(let items):
                guard let index = JSONPointer.index(token), index < items.count else { return nil }
                here = items[index]
            default: return nil
            }
        }
        return here
    }

    /// An array index as RFC 6901 writes it: digits without leading zeros.
    static func index(_ token: String) -> Int? {
        guard !token.isEmpty, token.utf8.allSatisfy({ (0x30...0x39).contains($0) }),
            token == "0" || token.utf8.first != 0x30
        else { return nil }
        return Int(token)
    }
}
