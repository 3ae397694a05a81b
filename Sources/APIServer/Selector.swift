import Model
import Ports
import Tree

/// A label or field selector: requirements that must all hold.
struct Selector: Sendable {
    private enum Requirement: Sendable {
        case equals(String, String)
        case differs(String, String)
        case among(String, Set<String>)
        case notAmong(String, Set<String>)
        case exists(String)
        case absent(String)

        /// Whether labels can be so at all: a selector that could never match is a mistake.
        var isOfLabels: Bool {
            switch self {
            case .equals(let key, let value), .differs(let key, let value):
                ObjectName.isLabelKey(key) && ObjectName.isLabelValue(value)
            case .among(let key, let values), .notAmong(let key, let values):
                ObjectName.isLabelKey(key) && values.allSatisfy(ObjectName.isLabelValue)
            case .exists(let key), .absent(let key): ObjectName.isLabelKey(key)
            }
        }
    }
    private var requirements: [Requirement] = []

    /// Reads `a=b,c!=d,e in (f,g),h notin (i),j,!k`; nil for anything else.
    init?(labels text: String) {
        for term in Selector.split(text) {
            guard let requirement = Selector.requirement(term), requirement.isOfLabels else { return nil }
            requirements.append(requirement)
        }
    }

    /// Reads `metadata.name=a,metadata.namespace!=b` and the like; nil for a path outside `supported`.
    init?(fields text: String, supported: [String]) {
        for term in text.split(separator: ",").map(String.init) {
            guard let requirement = Selector.requirement(term) else { return nil }
            switch requirement {
            case .equals(let path, _), .differs(let path, _):
                guard supported.contains(path) else { return nil }
                requirements.append(requirement)
            default: return nil
            }
        }
    }

    /// False where a label that has to be there is nowhere in the object: most objects of a long list are passed over
    /// like that, unread.
    func mayMatch(_ object: StoredObject) -> Bool {
        requirements.allSatisfy { requirement in
            switch requirement {
            case .equals(let key, let value): value.isEmpty || object.mayMention("\"\(key)\":\"\(value)\"")
            case .among(let key, _), .exists(let key): object.mayMention("\"\(key)\":")
            case .differs, .notAmong, .absent: true
            }
        }
    }

    /// Whether every requirement holds of what `value` says.
    func matches(_ value: (String) -> String?) -> Bool {
        requirements.allSatisfy { requirement in
            switch requirement {
            case .equals(let key, let wanted): (value(key) ?? "") == wanted && (value(key) != nil || wanted.isEmpty)
            case .differs(let key, let other): value(key) != other
            case .among(let key, let set): value(key).map(set.contains) ?? false
            case .notAmong(let key, let set): value(key).map { !set.contains($0) } ?? true
            case .exists(let key): value(key) != nil
            case .absent(let key): value(key) == nil
            }
        }
    }

    /// At commas outside parentheses.
    private static func split(_ text: String) -> [String] {
        var terms: [String] = []
        var current = ""
        var depth = 0
        for character in text {
            if character == "(" { depth += 1 }
            if character == ")" { depth -= 1 }
            if character == ",", depth == 0 {
                terms.append(current)
                current = ""
            } else {
                current.append(character)
            }
        }
        if !current.isEmpty { terms.append(current) }
        return terms
    }

    private static func requirement(_ term: String) -> Requirement? {
        let text = term.trimmed
        guard !text.isEmpty else { return nil }
        for (word, negated) in [(" notin ", true), (" in ", false)] {
            guard let middle = text.firstRange(of: word) else { continue }
            let list = String(text[middle.upperBound...]).trimmed
            guard list.hasPrefix("("), list.hasSuffix(")") else { return nil }
            let values = Set(list.dropFirst().dropLast().split(separator: ",").map { String($0).trimmed })
            let key = String(text[..<middle.lowerBound]).trimmed
            guard isKey(key), !values.isEmpty else { return nil }
            return negated ? .notAmong(key, values) : .among(key, values)
        }
        for (mark, negated) in [("!=", true), ("==", false), ("=", false)] {
            guard let middle = text.firstRange(of: mark) else { continue }
            let key = String(text[..<middle.lowerBound]).trimmed
            let value = String(text[middle.upperBound...]).trimmed
            guard isKey(key) else { return nil }
            return negated ? .differs(key, value) : .equals(key, value)
        }
        if text.hasPrefix("!") {
            let key = String(text.dropFirst()).trimmed
            return isKey(key) ? .absent(key) : nil
        }
        return isKey(text) ? .exists(text) : nil
    }

    private static func isKey(_ text: String) -> Bool {
        !text.isEmpty
            && text.utf8.allSatisfy { byte in
                (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
                    || [0x2D, 0x2E, 0x2F, 0x5F].contains(byte)
            }
    }
}

extension String {
    fileprivate var trimmed: String {
        var text = Substring(self)
        while text.first == " " { text.removeFirst() }
        while text.last == " " { text.removeLast() }
        return String(text)
    }
}
