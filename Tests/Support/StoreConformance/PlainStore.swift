import Model
import Ports
import Tree

/// The store's meaning in the plainest words: a list of objects and a list of everything that happened. Slow,
/// and right by inspection; what the random runs compare a store with.
struct PlainStore {
    private(set) var objects: [StoredObject] = []
    private(set) var events: [StoreEvent] = []
    private(set) var version: UInt64 = 0
    private(set) var epoch: UInt64 = 0
    /// Events that were compared and let go.
    private(set) var forgotten = 0

    mutating func claimEpoch() -> UInt64 {
        epoch += 1
        return epoch
    }

    /// Lets go of what every reader has compared: a long run would hold it all.
    mutating func forget(upTo count: Int) {
        guard count > forgotten else { return }
        events.removeFirst(count - forgotten)
        forgotten = count
    }

    func list(_ query: StoreQuery) -> [StoredObject] {
        objects.filter { query.matches($0.key) }.sorted { $0.key < $1.key }
    }

    /// Does the writes one after the other, and takes everything back if one is refused.
    mutating func commit(_ batch: Batch) -> Result<[StoredObject?], Refusal> {
        if let asked = batch.epoch, asked < epoch { return .failure(Refusal(.staleEpoch(current: epoch))) }
        let before = (objects, events.count, version)
        var results: [StoredObject?] = []
        for write in batch.writes {
            switch apply(write) {
            case .success(let object): results.append(object)
            case .failure(let refusal):
                objects = before.0
                events.removeSubrange(before.1...)
                version = before.2
                return .failure(refusal)
            }
        }
        epoch = max(epoch, batch.epoch ?? 0)
        return .success(results)
    }

    private mutating func apply(_ write: Write) -> Result<StoredObject?, Refusal> {
        let standing = objects.first { $0.key == write.key }
        switch write {
        case .create(let key, let tree):
            if standing != nil { return .failure(Refusal(.alreadyExists(key))) }
            return .success(put(key, tree, created: true))
        case .update(let key, let tree, let expecting):
            guard let standing else { return .failure(Refusal(.notFound(key))) }
            if standing.version != expecting { return .failure(Refusal(.conflict(key, actual: standing.version))) }
            if tree["metadata"]?["uid"]?.string != standing.uid {
                return .failure(Refusal(.conflict(key, actual: standing.version)))
            }
            let metadata = tree["metadata"]
            if metadata?["deletionTimestamp"] != nil, metadata?["finalizers"] == nil {
                return .success(drop(standing, tree))
            }
            return .success(put(key, tree, created: false))
        case .remove(let key, let expecting):
            guard let standing else { return .failure(Refusal(.notFound(key))) }
            if standing.version != expecting { return .failure(Refusal(.conflict(key, actual: standing.version))) }
            return .success(drop(standing, standing.tree))
        }
    }

    private mutating func put(_ key: ObjectKey, _ tree: Tree, created: Bool) -> StoredObject {
        version += 1
        let uid = tree["metadata"]?["uid"]?.string ?? ""
        let object = StoredObject(key: key, uid: uid, version: version, tree: Sample.stored(tree, at: version))
        objects.removeAll { $0.key == key }
        objects.append(object)
        events.append(.applied(object, created: created))
        return object
    }

    private mutating func drop(_ object: StoredObject, _ last: Tree) -> StoredObject? {
        version += 1
        objects.removeAll { $0.key == object.key }
        let gone = StoredObject(
            key: object.key, uid: object.uid, version: version, tree: Sample.stored(last, at: version))
        events.append(.deleted(gone))
        return nil
    }
}

/// Why a plain store refuses.
struct Refusal: Error, Hashable {
    let code: StoreError.Code

    init(_ code: StoreError.Code) { self.code = code }
}
