/// The part of JSONPath that printer columns and kubectl's users write: `.a.b`, `.a\.b`, `['a.b']`, `['a','b']`, `..a`,
/// `[0]`, `[-1]`, `[0:2]`, `[*]`, `[?(@.type=="Ready")]`, `[?(@.n > 3)]`, `[?(@.a)]`.
package struct JSONPath: Sendable, Hashable {
    private enum Step: Sendable, Hashable {
        case member(String)
        case index(Int)
        case slice(from: Int?, to: Int?)
        case all
        /// Everything below, the value itself first.
        case descend
        case several([Step])
        case filter(Filter)
    }

    /// Elements in which a path leads to something, and that is so.
    private struct Filter: Sendable, Hashable {
        enum Comparison: String, Sendable, CaseIterable {
            case equal = "==", notEqual = "!=", atMost = "<=", atLeast = ">=", less = "<", more = ">"
        }
        var path: [String]
        /// Nil: whatever it leads to.
        var comparison: Comparison?
        var value = ""
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
                if rest.first == "." {
                    steps.append(.descend)
                    rest.removeFirst()
                }
                if rest.first == "[" { continue }
                guard let name = JSONPath.name(&rest) else { return nil }
                steps.append(name == "*" ? .all : .member(name))
            case "[":
                guard let step = JSONPath.bracket(&rest) else { return nil }
                steps.append(step)
            default: return nil
            }
        }
    }

    /// A member's name up to the next step; a backslash takes the next character into it.
    private static func name(_ rest: inout Substring) -> String? {
        var name = ""
        while let character = rest.first, character != ".", character != "[" {
            rest.removeFirst()
            if character == "\\", let next = rest.popFirst() { name.append(next) } else { name.append(character) }
        }
        return name.isEmpty ? nil : name
    }

    /// The members it goes down through before it comes to anything else.
    package var leadingMembers: [String] {
        var names: [String] = []
        for step in steps {
            guard case .member(let name) = step else { break }
            names.append(name)
        }
        return names
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
        case .slice(let from, let to):
            guard let items = tree.array else { return [] }
            func place(_ index: Int) -> Int { min(max(index < 0 ? items.count + index : index, 0), items.count) }
            let (start, end) = (place(from ?? 0), to.map(place) ?? items.count)
            return start < end ? Array(items[start..<end]) : []
        case .all: return parts(of: tree)
        case .descend: return [tree] + parts(of: tree).flatMap { next($0, .descend) }
        case .several(let steps): return steps.flatMap { next(tree, $0) }
        case .filter(let filter): return (tree.array ?? []).filter { holds(filter, $0) }
        }
    }

    private static func parts(of tree: Tree) -> [Tree] {
        if case .object(let members) = tree { return members.map(\.value) }
        return tree.array ?? []
    }

    private static func holds(_ filter: Filter, _ item: Tree) -> Bool {
        guard let found = filter.path.reduce(item as Tree?, { $0?[$1] }) else { return false }
        guard let comparison = filter.comparison else { return true }
        let text = text(of: found)
        switch comparison {
        case .equal: return text == filter.value
        case .notEqual: return text != filter.value
        case .less, .more, .atMost, .atLeast:
            guard let left = text.flatMap(Double.init), let right = Double(filter.value) else { return false }
            switch comparison {
            case .less: return left < right
            case .more: return left > right
            case .atMost: return left <= right
            default: return left >= right
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
        guard let end = closing(rest, "]") else { return nil }
        let inner = rest[rest.index(after: rest.startIndex)..<end]
        rest = rest[rest.index(after: end)...]
        guard inner.hasPrefix("?(") else { return list(inner) }
        guard inner.hasSuffix(")") else { return nil }
        return filter(inner.dropFirst(2).dropLast())
    }

    /// One or several names, numbers and slices.
    private static func list(_ text: Substring) -> Step? {
        var steps: [Step] = []
        var rest = text
        while true {
            let end = closing(rest, ",") ?? rest.endIndex
            guard let step = single(trimmed(rest[..<end])) else { return nil }
            steps.append(step)
            guard end < rest.endIndex else { break }
            rest = rest[rest.index(after: end)...]
        }
        return steps.count == 1 ? steps[0] : .several(steps)
    }

    private static func single(_ text: Substring) -> Step? {
        if text == "*" { return .all }
        if let index = Int(text) { return .index(index) }
        if let name = quoted(text) { return .member(name) }
        let ends = text.split(separator: ":", omittingEmptySubsequences: false)
        guard ends.count == 2, ends.allSatisfy({ $0.isEmpty || Int($0) != nil }) else { return nil }
        return .slice(from: Int(ends[0]), to: Int(ends[1]))
    }

    private static func filter(_ text: Substring) -> Step? {
        for comparison in Filter.Comparison.allCases {
            guard let middle = text.firstRange(of: comparison.rawValue) else { continue }
            guard let path = path(text[..<middle.lowerBound]) else { return nil }
            let right = trimmed(text[middle.upperBound...])
            return .filter(Filter(path: path, comparison: comparison, value: quoted(right) ?? String(right)))
        }
        return path(text).map { .filter(Filter(path: $0)) }
    }

    private static func path(_ text: Substring) -> [String]? {
        var rest = trimmed(text)
        guard rest.first == "@" else { return nil }
        rest.removeFirst()
        var path: [String] = []
        while rest.first == "." {
            rest.removeFirst()
            guard let name = name(&rest) else { return nil }
            path.append(name)
        }
        return rest.isEmpty && !path.isEmpty ? path : nil
    }

    /// Where the first of those characters stands outside quotes.
    package static func closing(_ text: Substring, _ marks: String) -> Substring.Index? {
        var quote: Character?
        for index in text.indices {
            let character = text[index]
            if let open = quote {
                if character == open { quote = nil }
            } else if character == "'" || character == "\"" {
                quote = character
            } else if marks.contains(character) {
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
