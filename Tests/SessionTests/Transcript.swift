/// What one command left, as a session writes it, and whether that is what was expected.
struct Transcript {
    let lines: [String]

    init(output: [String], errors: [String], code: Int32) {
        var lines = output.map { $0.isEmpty ? "" : "  \($0)" }
        lines += errors.map { "! \($0)".trimmedAtEnd }
        if code != 0 { lines.append("? \(code)") }
        while lines.last == "" { lines.removeLast() }
        self.lines = lines
    }

    /// A line `  …` stands for any number of lines, an ellipsis within a line for any text.
    func matches(_ expected: [String]) -> Bool { Self.match(lines[...], expected[...]) }

    private static func match(_ lines: ArraySlice<String>, _ expected: ArraySlice<String>) -> Bool {
        guard let first = expected.first else { return lines.isEmpty }
        let rest = expected.dropFirst()
        if ["  …", "! …"].contains(first) {
            return (0...lines.count).contains { match(lines.dropFirst($0), rest) }
        }
        guard let line = lines.first, fits(line, first) else { return false }
        return match(lines.dropFirst(), rest)
    }

    private static func fits(_ line: String, _ pattern: String) -> Bool {
        let parts = pattern.split(separator: "…", omittingEmptySubsequences: false).map(String.init)
        guard parts.count > 1, let head = parts.first, let tail = parts.last else { return line == pattern }
        guard line.hasPrefix(head), line.hasSuffix(tail), line.count >= head.count + tail.count else { return false }
        var middle = line.dropFirst(head.count).dropLast(tail.count)
        for part in parts.dropFirst().dropLast() where !part.isEmpty {
            guard let found = middle.firstRange(of: part) else { return false }
            middle = middle[found.upperBound...]
        }
        return true
    }

    /// Both, line by line, as `diff -u` shows them.
    func difference(from expected: [String]) -> String {
        var removed: Set<Int> = []
        var inserted: Set<Int> = []
        for change in lines.difference(from: expected) {
            switch change {
            case .remove(let offset, _, _): removed.insert(offset)
            case .insert(let offset, _, _): inserted.insert(offset)
            }
        }
        var text = ""
        var (old, new) = (0, 0)
        while old < expected.count || new < lines.count {
            if old < expected.count, removed.contains(old) {
                text += "- \(expected[old])\n"
                old += 1
            } else if new < lines.count, inserted.contains(new) {
                text += "+ \(lines[new])\n"
                new += 1
            } else {
                text += "  \(expected[old])\n"
                old += 1
                new += 1
            }
        }
        return text
    }
}
