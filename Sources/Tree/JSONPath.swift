/// The part of JSONPath that printer columns use: `.a.b`, `['a.b']`, `[0]`, `[-1]`, `[*]`, `[?(@.type=="Ready")]`.
package struct JSONPath: Sendable, Hashable {
    private enum Step: Sendable, Hashable {
        case member(String)
        case index(Int)
        case all
        /// Elements in which a path has, or has not, that text.
        case filter(path: [String], value: String, equal: Bool)
    }

    private var steps: [Step] = []

    /// Nil for anything outside that part.
    package init?(_ text: String) {
        var rest = Substring(text)
        if rest.first == "{", rest.last == "}" { rest = rest.dropFirst().dropLast() }
        if rest.first == "$" { rest.removeFirst() }
        while let first = rest.first {
            switch first {
            case ".":
                rest.removeFirst()
                let name = rest.prefix { $0 != "." && $0 != "[" }
                guard !name.isEmpty else { return nil }
                steps.append(name == "*" ? .all : .member(String(name)))
                rest = rest.dropFirst(name.count)
            case "[":
                guard let step = JSONPath.bracket(&rest) else { return nil }
                steps.append(step)
            default: return nil
            }
        }
    }

    /// Every value the path leads to, in order.
    package func values(in tree: Tree) -> [Tree] {
        var here = [tree]
        for step in steps { here = here.flatMap { JSONPath.next($0, step) } }
        return here
    }

    private static func next(_ tree: Tree, _ step: Step) -> [Tree] {
        switch step {
        case .member(let name): return tree[name].map { [$0] } ?? []
        case .index(let index):
            guard let items = tree.array else { return [] }
            return tree[index < 0 ? items.count + index : index].map { [$0] } ?? []
        case .all:
            if case .object(let members) = tree { return members.map(\.value) }
            return tree.array ?? []
        case .filter(let path, let value, let equal):
            return (tree.array ?? []).filter { item in
                let found = path.reduce(item as Tree?) { $0?[$1] }
                guard let found else { return false }
                return (text(of: found) == value) == equal
            }
        }
    }

    /// A scalar as a filter compares it; nothing equals an object or a list.
    private static func text(of tree: Tree) -> String? {
        switch tree {
        case .string(let text): text
        case .int(let value): String(value)
        case .bool(let value): value ? "true" : "false"
        case .null: ""
        case .double(let value): "\(value)"
        case .array, .object: nil
        }
    }

    /// A step in brackets, taken off the front.
    private static func bracket(_ rest: inout Substring) -> Step? {
        guard let end = closing(rest) else { return nil }
        let inner = rest[rest.index(after: rest.startIndex)..<end]
        rest = rest[rest.index(after: end)...]
        if inner == "*" { return .all }
        if let index = Int(inner) { return .index(index) }
        if let name = quoted(inner) { return .member(name) }
        guard inner.hasPrefix("?("), inner.hasSuffix(")") else { return nil }
        return filter(inner.dropFirst(2).dropLast())
    }

    private static func filter(_ text: Substring) -> Step? {
        for (mark, equal) in [("==", true), ("!=", false)] {
            guard let middle = text.firstRange(of: mark) else { continue }
            let left = trimmed(text[..<middle.lowerBound])
            let right = trimmed(text[middle.upperBound...])
            guard left.hasPrefix("@.") else { return nil }
            let path = left.dropFirst(2).split(separator: ".", omittingEmptySubsequences: false).map(String.init)
            guard !path.contains("") else { return nil }
            return .filter(path: path, value: quoted(right) ?? String(right), equal: equal)
        }
        return nil
    }

    /// The bracket that closes the first one, quotes heeded.
    private static func closing(_ text: Substring) -> Substring.Index? {
        var quote: Character?
        for index in text.indices {
            let character = text[index]
            if let open = quote {
                if character == open { quote = nil }
            } else if character == "'" || character == "\"" {
                quote = character
            } else if character == "]" {
                return index
            }
        }
        return nil
    }

    private static func quoted(_ text: Substring) -> String? {
        guard text.count >= 2, let first = text.first, first == text.last, first == "'" || first == "\"" else {
            return nil
        }
        return String(text.dropFirst().dropLast())
    }

    private static func trimmed(_ text: Substring) -> Substring {
        var text = text
        while text.first == " " { text.removeFirst() }
        while text.last == " " { text.removeLast() }
        return text
    }
}
