/// A set of places in an object, as a tree of path elements: what a manager owns, what a write changed. Its
/// JSON form is Kubernetes' FieldsV1 (sigs.k8s.io/structured-merge-diff, fieldpath/serialize.go).
///
/// A place that is no member has children: empty branches don't exist, so equal sets are equal values.
package struct FieldSet: Sendable, Hashable {
    package struct Child: Sendable, Hashable {
        package let element: Element
        package var set: FieldSet
    }

    /// Whether the place itself belongs to the set, not only something below it.
    package var isMember = false
    /// In the order of their elements.
    package private(set) var children: [Child] = []

    package init() {}
    package static let member: FieldSet = {
        var set = FieldSet()
        set.isMember = true
        return set
    }()

    package var isEmpty: Bool { !isMember && children.isEmpty }

    package subscript(_ element: Element) -> FieldSet {
        get {
            let (index, found) = search(element)
            return found ? children[index].set : FieldSet()
        }
        set {
            let (index, found) = search(element)
            switch (found, newValue.isEmpty) {
            case (true, false): children[index].set = newValue
            case (true, true): children.remove(at: index)
            case (false, false): children.insert(Child(element: element, set: newValue), at: index)
            case (false, true): break
            }
        }
    }

    package mutating func insert(_ path: some Collection<Element>) {
        guard let first = path.first else {
            isMember = true
            return
        }
        var child = self[first]
        child.insert(path.dropFirst())
        self[first] = child
    }

    package func contains(_ path: some Collection<Element>) -> Bool {
        guard let first = path.first else { return isMember }
        return self[first].contains(path.dropFirst())
    }

    /// Every place of the set, depth first.
    package var paths: [[Element]] {
        var found: [[Element]] = []
        collect(under: [], into: &found)
        return found
    }

    private func collect(under path: [Element], into found: inout [[Element]]) {
        if isMember { found.append(path) }
        for child in children { child.set.collect(under: path + [child.element], into: &found) }
    }

    private func search(_ element: Element) -> (index: Int, found: Bool) {
        if let last = children.last, last.element < element { return (children.count, false) }
        var low = 0
        var high = children.count
        while low < high {
            let middle = (low + high) / 2
            if children[middle].element == element { return (middle, true) }
            if children[middle].element < element { low = middle + 1 } else { high = middle }
        }
        return (low, false)
    }
}

// MARK: - Algebra

extension FieldSet {
    package func union(_ other: FieldSet) -> FieldSet {
        combined(with: other, member: isMember || other.isMember, keepLeft: true, keepRight: true) {
            $0.union($1)
        }
    }

    package func intersection(_ other: FieldSet) -> FieldSet {
        combined(with: other, member: isMember && other.isMember, keepLeft: false, keepRight: false) {
            $0.intersection($1)
        }
    }

    /// Without the places of the other set; what lies below such a place stays.
    package func subtracting(_ other: FieldSet) -> FieldSet {
        combined(with: other, member: isMember && !other.isMember, keepLeft: true, keepRight: false) {
            $0.subtracting($1)
        }
    }

    private func combined(
        with other: FieldSet, member: Bool, keepLeft: Bool, keepRight: Bool,
        _ both: (FieldSet, FieldSet) -> FieldSet
    ) -> FieldSet {
        var result = FieldSet()
        result.isMember = member
        var left = children[...]
        var right = other.children[...]
        while let a = left.first, let b = right.first {
            if a.element == b.element {
                let merged = both(a.set, b.set)
                if !merged.isEmpty { result.children.append(Child(element: a.element, set: merged)) }
                left.removeFirst()
                right.removeFirst()
            } else if a.element < b.element {
                if keepLeft { result.children.append(a) }
                left.removeFirst()
            } else {
                if keepRight { result.children.append(b) }
                right.removeFirst()
            }
        }
        if keepLeft { result.children += left }
        if keepRight { result.children += right }
        return result
    }
}
