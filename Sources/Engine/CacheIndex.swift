package import Model

/// Keys in order without duplicates.
package struct SortedKeys: Sendable, Hashable {
    package private(set) var keys: [ObjectKey] = []

    package init() {}

    package mutating func insert(_ key: ObjectKey) {
        let index = position(key)
        if index == keys.count || keys[index] != key { keys.insert(key, at: index) }
    }

    package mutating func remove(_ key: ObjectKey) {
        let index = position(key)
        if index < keys.count, keys[index] == key { keys.remove(at: index) }
    }

    private func position(_ key: ObjectKey) -> Int {
        var low = 0
        var high = keys.count
        while low < high {
            let middle = (low + high) / 2
            if keys[middle] < key { low = middle + 1 } else { high = middle }
        }
        return low
    }
}

/// Adding a key to an index, or taking it out. An entry that holds nothing goes.
enum IndexChange {
    case add, remove

    func callAsFunction<Holder: Hashable>(
        _ index: inout [Holder: SortedKeys], _ holder: Holder, _ key: ObjectKey
    ) {
        switch self {
        case .add: index[holder, default: SortedKeys()].insert(key)
        case .remove:
            index[holder]?.remove(key)
            if index[holder]?.keys.isEmpty == true { index[holder] = nil }
        }
    }
}

/// What the indices are made of.
enum IndexFacts {
    static func same<Object: Resource>(_ a: Object, _ b: Object) -> Bool {
        switch (a, b) {
        case (let a as WorkTask, let b as WorkTask):
            a.parts.spec == b.parts.spec && a.status.phase.isBound == b.status.phase.isBound
                && a.status.phase.isTerminal == b.status.phase.isTerminal
                && a.status.assignment?.worker == b.status.assignment?.worker
        case (let a as Worker, let b as Worker):
            a.parts.spec == b.parts.spec && a.metadata.uid == b.metadata.uid && a.committedRate == b.committedRate
        case (let a as WorkerPool, let b as WorkerPool): a.spec.region == b.spec.region
        case (let a as SyncPoint, let b as SyncPoint): a.parts.spec == b.parts.spec
        case (let a as ExecutionPlan, let b as ExecutionPlan):
            a.parts.spec == b.parts.spec && a.status.phase.isTerminal == b.status.phase.isTerminal
                && a.metadata.isDeleting == b.metadata.isDeleting
                && (a.status.cost.ratePerHour > .zero) == (b.status.cost.ratePerHour > .zero)
        default: true
        }
    }
}
