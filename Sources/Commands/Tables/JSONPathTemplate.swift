import Model
import Text
import Tree

/// What `-o jsonpath=` takes, as kubectl has it: text with `{.path}`, `{"text"}` and `{range .path}…{end}` in it.
struct JSONPathTemplate: Sendable {
    private enum Part: Sendable {
        case text(String)
        case path(JSONPath)
        indirect case range(JSONPath, [Part])
    }

    private var parts: [Part] = []

    init(_ template: String) throws(CommandError) {
        var rest = Substring(template)
        // A path alone needs no braces.
        if !template.contains("{"), template.hasPrefix(".") { rest = Substring("{\(template)}") }
        guard !rest.isEmpty else {
            throw CommandError(
                .failed, "-o jsonpath= needs a template", next: "For example -o jsonpath='{.metadata.name}'.")
        }
        parts = try Self.parts(&rest, template, inRange: false)
    }

    /// Of one object, or of a `List` of several. kubectl writes no newline of its own either. Lines stay lines; what
    /// else a terminal would act on is made visible.
    func text(_ tree: Tree) -> TerminalText {
        Self.text(parts, tree).split(separator: "\n", omittingEmptySubsequences: false)
            .map { line in
                line.split(separator: "\t", omittingEmptySubsequences: false).map { "\($0)" }.joined(separator: "\t")
            }
            .joined(separator: "\n")
    }

    private static func text(_ parts: [Part], _ here: Tree) -> String {
        parts.map { part in
            switch part {
            case .text(let text): text
            case .path(let path): path.values(in: here).map(CellText.plain).joined(separator: " ")
            case .range(let path, let inner): path.values(in: here).map { text(inner, $0) }.joined()
            }
        }.joined()
    }

    private static func parts(
        _ rest: inout Substring, _ template: String, inRange: Bool
    ) throws(CommandError) -> [Part] {
        var parts: [Part] = []
        while !rest.isEmpty {
            let text = rest.prefix { $0 != "{" }
            rest = rest.dropFirst(text.count)
            if !text.isEmpty { parts.append(.text(unescaped(text))) }
            guard rest.first == "{" else { continue }
            guard let end = JSONPath.closing(rest, "}") else {
                throw CommandError(.failed, "-o jsonpath='\(template)': a { is not closed")
            }
            let inner = rest[rest.index(after: rest.startIndex)..<end].trimmed
            rest = rest[rest.index(after: end)...]
            if inner == "end" {
                guard inRange else { throw CommandError(.failed, "-o jsonpath='\(template)': {end} without {range}") }
                return parts
            }
            parts.append(try part(inner, &rest, template))
        }
        guard !inRange else { throw CommandError(.failed, "-o jsonpath='\(template)': {range} without {end}") }
        return parts
    }

    private static func part(
        _ inner: String, _ rest: inout Substring, _ template: String
    ) throws(CommandError) -> Part {
        if inner.count >= 2, let quote = inner.first, quote == "\"" || quote == "'", inner.last == quote {
            return .text(unescaped(inner.dropFirst().dropLast()))
        }
        if inner.hasPrefix("range ") {
            let path = try path(String(inner.dropFirst(6)), template)
            return .range(path, try parts(&rest, template, inRange: true))
        }
        return .path(try path(inner, template))
    }

    private static func path(_ text: String, _ template: String) throws(CommandError) -> JSONPath {
        let trimmed = Substring(text).trimmed
        let plain = trimmed.hasPrefix("@") ? String(trimmed.dropFirst()) : trimmed
        guard let path = JSONPath(plain) else {
            throw CommandError(
                .failed, "-o jsonpath='\(template)': {\(text)} is no path",
                next: "Paths are like .items[*].metadata.name, or .conditions[?(@.type==\"Ready\")].status.")
        }
        return path
    }

    private static func unescaped(_ text: Substring) -> String {
        text.replacing("\\n", with: "\n").replacing("\\t", with: "\t").description
    }
}

extension Substring {
    fileprivate var trimmed: String {
        var text = self
        while text.first == " " { text.removeFirst() }
        while text.last == " " { text.removeLast() }
        return String(text)
    }
}

extension JSONPath {
    /// As kubectl takes them here: without the leading dot too.
    fileprivate init?(dotted text: String) {
        guard !text.isEmpty, let first = text.first else { return nil }
        self.init(".[{$".contains(first) ? text : ".\(text)")
    }
}

/// What `-o custom-columns=` takes: `HEADER:.path,HEADER:.path`.
struct CustomColumns: Sendable {
    private let columns: [(header: String, path: JSONPath)]

    init(_ text: String) throws(CommandError) {
        var columns: [(String, JSONPath)] = []
        for part in text.split(separator: ",") {
            let pieces = part.split(separator: ":", maxSplits: 1).map(String.init)
            guard pieces.count == 2, !pieces[0].isEmpty, let path = JSONPath(dotted: pieces[1]) else {
                throw CommandError(
                    .failed, "-o custom-columns=\(text): \"\(part)\" is no column",
                    next: "Write HEADER:.path, such as NAME:.metadata.name,PHASE:.status.phase.")
            }
            columns.append((pieces[0], path))
        }
        guard !columns.isEmpty else {
            throw CommandError(
                .failed, "-o custom-columns= needs columns", next: "Write HEADER:.path, such as NAME:.metadata.name.")
        }
        self.columns = columns
    }

    func table(_ objects: [Tree]) -> TextTable {
        TextTable(
            columns.map(\.header),
            objects.map { object in
                columns.map { column in
                    .optional(column.path.values(in: object).map(CellText.plain).joined(separator: ","))
                }
            })
    }
}

/// What `--sort-by` takes: a path whose value orders objects, numbers as numbers, those without one first.
struct SortKey: Sendable {
    private let path: JSONPath

    init(_ text: String) throws(CommandError) {
        guard let path = JSONPath(dotted: text) else {
            throw CommandError(
                .failed, "--sort-by \(text): no path", next: "Write it like .metadata.name or .status.startedAt.")
        }
        self.path = path
    }

    func sorted(_ objects: [Tree]) -> [Tree] {
        let keyed = objects.enumerated().map {
            (offset: $0.offset, value: path.values(in: $0.element).first, object: $0.element)
        }
        return keyed.sorted { a, b in
            switch (a.value, b.value) {
            case (.int(let x)?, .int(let y)?) where x != y: x < y
            case (let x?, let y?):
                CellText.plain(x) == CellText.plain(y)
                    ? a.offset < b.offset : CellText.plain(x) < CellText.plain(y)
            case (nil, .some): true
            case (.some, nil): false
            case (nil, nil): a.offset < b.offset
            }
        }.map(\.object)
    }
}
