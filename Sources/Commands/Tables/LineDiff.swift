import Text

/// The difference of two texts by lines, as `diff -u` writes it, without the two lines of file names.
enum LineDiff {
    private static let context = 3

    private enum Line {
        case both(String)
        case old(String)
        case new(String)

        var text: String {
            switch self {
            case .both(let text): " " + text
            case .old(let text): "-" + text
            case .new(let text): "+" + text
            }
        }
        var isChange: Bool { if case .both = self { false } else { true } }
    }

    /// Empty where they are equal.
    static func unified(_ old: [String], _ new: [String]) -> [String] {
        let lines = merge(old, new)
        let changes = lines.indices.filter { lines[$0].isChange }
        var result: [String] = []
        var index = 0
        while index < changes.count {
            let first = changes[index]
            var last = first
            // Changes with little between them share a hunk.
            while index + 1 < changes.count, changes[index + 1] - last <= 2 * context {
                index += 1
                last = changes[index]
            }
            index += 1
            let range = max(0, first - context)...min(lines.count - 1, last + context)
            result.append(header(lines, range))
            result += lines[range].map(\.text)
        }
        return result
    }

    private static func merge(_ old: [String], _ new: [String]) -> [Line] {
        var removed = Set<Int>()
        var inserted = Set<Int>()
        for change in new.difference(from: old) {
            switch change {
            case .remove(let offset, _, _): removed.insert(offset)
            case .insert(let offset, _, _): inserted.insert(offset)
            }
        }
        var lines: [Line] = []
        var (i, j) = (0, 0)
        while i < old.count || j < new.count {
            if i < old.count, removed.contains(i) {
                lines.append(.old(old[i]))
                i += 1
            } else if j < new.count, inserted.contains(j) {
                lines.append(.new(new[j]))
                j += 1
            } else {
                lines.append(.both(old[i]))
                i += 1
                j += 1
            }
        }
        return lines
    }

    private static func header(_ lines: [Line], _ range: ClosedRange<Int>) -> String {
        func count(_ slice: ArraySlice<Line>, old: Bool) -> Int {
            slice.count { if case .both = $0 { true } else if case .old = $0 { old } else { !old } }
        }
        func part(_ old: Bool) -> String {
            let length = count(lines[range], old: old)
            let start = count(lines[..<range.lowerBound], old: old) + (length > 0 ? 1 : 0)
            return length == 1 ? "\(start)" : "\(start),\(length)"
        }
        return "@@ -\(part(true)) +\(part(false)) @@"
    }
}
