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

    /// Objects up to this size are sorted by insertion: nothing is allocated, and most keys are near their place.
    private static let small = 24

    private var members = ValueStack<Members.Member>()
    /// One for each member.
    private var marks = ValueStack<Mark>()

    var height: Int { members.height }

    mutating func push(_ key: String, _ value: consuming Tree, mark: Mark) {
        members.push(Members.Member(key: key, value: value))
        marks.push(mark)
    }

    /// Takes the members above a height off the stack. The second of two equal keys is named in the error.
    mutating func popObject(from start: Int) throws(Duplicate) -> Members {
        try members.withTop(from: start) { (top) throws(Duplicate) in
            if MemberStack.isAscending(top) { return }
            try marks.withTop(from: start) { (marks) throws(Duplicate) in
                if top.count <= MemberStack.small {
                    MemberStack.sortByInsertion(top, marks)
                } else {
                    MemberStack.sort(top, marks)
                }
                for index in 1..<top.count where top[index - 1].key == top[index].key {
                    throw Duplicate(key: top[index].key, mark: marks[index])
                }
            }
        }
        marks.drop(from: start)
        return Members(ascending: members.pop(from: start))
    }

    private static func isAscending(_ members: UnsafeMutableBufferPointer<Members.Member>) -> Bool {
        var index = 1
        while index < members.count {
            if !(members[index - 1].key < members[index].key) { return false }
            index += 1
        }
        return true
    }

    /// Stable, so that of equal keys the later one comes last.
    private static func sortByInsertion(
        _ members: UnsafeMutableBufferPointer<Members.Member>, _ marks: UnsafeMutableBufferPointer<Mark>
    ) {
        for index in 1..<members.count {
            var place = index
            while place > 0, members[index].key < members[place - 1].key { place -= 1 }
            if place == index { continue }
            rotate(members, from: place, to: index)
            rotate(marks, from: place, to: index)
        }
    }

    /// Moves the element at `last` to `first`, and those between one on.
    private static func rotate<Element>(
        _ elements: UnsafeMutableBufferPointer<Element>, from first: Int, to last: Int
    ) {
        guard let base = elements.baseAddress else { return }
        let moved = (base + last).move()
        (base + first + 1).moveInitialize(from: base + first, count: last - first)
        (base + first).initialize(to: moved)
    }

    private static func sort(
        _ members: UnsafeMutableBufferPointer<Members.Member>, _ marks: UnsafeMutableBufferPointer<Mark>
    ) {
        var pairs = zip(members, marks).map { (member: $0, mark: $1) }
        pairs.sort { a, b in a.member.key < b.member.key || (a.member.key == b.member.key && a.mark < b.mark) }
        for (index, pair) in pairs.enumerated() {
            members[index] = pair.member
            marks[index] = pair.mark
        }
    }
}
