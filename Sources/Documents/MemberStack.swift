import Tree

/// The members of the objects that a parser has open: an object is built once, at its exact size, and sorted
/// at most once, whatever order its keys came in. (Inserting each in its place would take a hostile object
/// quadratic time.)
struct MemberStack: ~Copyable {
    /// Where a key stood, in whatever form the parser keeps places; later places compare greater.
    typealias Mark = UInt64

    struct Duplicate: Error {
        let key: String
        let mark: Mark
    }

    struct Entry {
        let key: String
        let value: Tree
        let mark: Mark
    }

    private var entries = ValueStack<Entry>()

    var height: Int { entries.height }

    mutating func push(_ key: String, _ value: consuming Tree, mark: Mark) {
        entries.push(Entry(key: key, value: value, mark: mark))
    }

    /// Takes the members above a height off the stack. The second of two equal keys is named in the error.
    mutating func popObject(from start: Int) throws(Duplicate) -> Members {
        let members = try entries.withTop(from: start) { (top) throws(Duplicate) in
            if !Self.isAscending(top) {
                var top = top
                top.sort { a, b in a.key < b.key || (a.key == b.key && a.mark < b.mark) }
            }
            var members = Members(reservingCapacity: top.count)
            for entry in top where !members.insert(entry.value, for: entry.key) {
                throw Duplicate(key: entry.key, mark: entry.mark)
            }
            return members
        }
        entries.drop(from: start)
        return members
    }

    private static func isAscending(_ entries: UnsafeMutableBufferPointer<Entry>) -> Bool {
        var index = 1
        while index < entries.count {
            if !(entries[index - 1].key < entries[index].key) { return false }
            index += 1
        }
        return true
    }
}
