/// The members of an object, in key order. Look-up is a binary search, which for the handful of members a
/// resource has beats hashing; appending in key order, as canonical JSON arrives, is constant time.
///
/// What walks of other modules call for every member is `@inlinable`: the call would cost more than the work.
package struct Members: Sendable, Hashable {
    package struct Member: Sendable, Hashable {
        package let key: String
        package var value: Tree

        @inlinable package init(key: String, value: Tree) {
            self.key = key
            self.value = value
        }
    }

    @usableFromInline var storage: [Member] = []

    @inlinable package init() {}

    @inlinable package init(reservingCapacity count: Int) { storage.reserveCapacity(count) }

    /// Takes members whose keys the caller has put in order, each once.
    @inlinable package init(ascending members: [Member]) {
        storage = members
        assert(zip(members, members.dropFirst()).allSatisfy { $0.key < $1.key })
    }

    @inlinable package var count: Int { storage.count }
    @inlinable package var isEmpty: Bool { storage.isEmpty }
    /// The same as an array, for walks.
    @inlinable package var elements: [Member] { storage }
    package var keys: [String] { storage.map(\.key) }

    @inlinable package subscript(_ key: String) -> Tree? {
        get {
            let (index, found) = search(key)
            return found ? storage[index].value : nil
        }
        set {
            let (index, found) = search(key)
            switch (found, newValue) {
            case (true, .some(let value)): storage[index].value = value
            case (true, .none): storage.remove(at: index)
            case (false, .some(let value)): storage.insert(Member(key: key, value: value), at: index)
            case (false, .none): break
            }
        }
    }

    /// Adds a member; false, and nothing changed, if the key is already there. Parsers find duplicate keys by it.
    @inlinable package mutating func insert(_ value: Tree, for key: String) -> Bool {
        let (index, found) = search(key)
        if found { return false }
        storage.insert(Member(key: key, value: value), at: index)
        return true
    }

    @usableFromInline func search(_ key: String) -> (index: Int, found: Bool) {
        if let last = storage.last, last.key < key { return (storage.count, false) }
        var low = 0
        var high = storage.count
        while low < high {
            let middle = (low + high) / 2
            let candidate = storage[middle].key
            if candidate == key { return (middle, true) }
            if candidate < key { low = middle + 1 } else { high = middle }
        }
        return (low, false)
    }
}

extension Members: RandomAccessCollection {
    @inlinable package var startIndex: Int { 0 }
    @inlinable package var endIndex: Int { storage.count }
    @inlinable package subscript(position: Int) -> Member {
        _read { yield storage[position] }
    }
}
