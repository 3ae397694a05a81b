/// The name that a misspelt one was probably meant to be, for "did you mean".
package enum NearestName {
    /// Longer names are not compared: the work is the product of two lengths.
    private static let longest = 128

    /// The nearest of the names by edits (insert, delete, replace, swap two neighbours; letters of either
    /// case are alike), if at most a third of its letters are edited. Of equally near ones the first in the
    /// list.
    package static func suggest(_ name: String, among names: [String]) -> String? {
        let wanted = letters(name)
        guard !wanted.isEmpty, wanted.count <= longest else { return nil }
        var best: (name: String, distance: Int)?
        for candidate in names where candidate != name {
            let letters = letters(candidate)
            guard !letters.isEmpty, letters.count <= longest else { continue }
            let allowed = max(1, max(wanted.count, letters.count) / 3)
            let bound = min(allowed, (best?.distance ?? .max) - 1)
            if let distance = distance(wanted, letters, atMost: bound) { best = (candidate, distance) }
            if best?.distance == 0 { break }
        }
        // One edit turns any one-letter name into any other: that is no likeness.
        guard let best, best.distance < max(wanted.count, best.name.utf8.count) else { return nil }
        return best.name
    }

    private static func letters(_ name: String) -> [UInt8] {
        name.utf8.map { (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains($0) ? $0 | 0x20 : $0 }
    }

    /// The optimal string alignment distance, or nil if it passes the bound.
    private static func distance(_ a: [UInt8], _ b: [UInt8], atMost bound: Int) -> Int? {
        if bound < 0 || abs(a.count - b.count) > bound { return nil }
        var beforeLast: [Int] = []
        var last = Array(0...b.count)
        for i in 1...a.count {
            var row = [Int](repeating: i, count: b.count + 1)
            for j in 1...b.count {
                let replaced = last[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1)
                row[j] = min(replaced, last[j] + 1, row[j - 1] + 1)
                if i > 1, j > 1, a[i - 1] == b[j - 2], a[i - 2] == b[j - 1] {
                    row[j] = min(row[j], beforeLast[j - 2] + 1)
                }
            }
            if row.min()! > bound { return nil }
            beforeLast = last
            last = row
        }
        return last[b.count] <= bound ? last[b.count] : nil
    }
}
