import Model
import Ports
import Tree

/// Which objects name which as their owner: kept up by what a watch tells, so that the end of one owner costs what it
/// owned, and not a look at everything.
///
/// Bounded by what stands: an entry for each object that has an owner. References are read when an object is made and,
/// of kinds whose objects people write, when it changes; whoever acts on an entry looks at the object once more.
struct OwnerIndex: Sendable {
    struct Owner: Sendable, Hashable {
        let key: ObjectKey
        let uid: String
    }

    private var owned: [Owner: Set<ObjectKey>] = [:]
    private var ownersOf: [ObjectKey: [Owner]] = [:]

    /// Controllers alone write these, many times, and never change whose they are.
    private static let settled: Set<Kind> = [.task, .worker, .event, .lease, .executionPlan, .workerPool]

    /// Owners in key order.
    var owners: [Owner] { owned.keys.sorted { ($0.key, $0.uid) < ($1.key, $1.uid) } }

    func dependents(of uid: String, _ key: ObjectKey) -> [ObjectKey] {
        (owned[Owner(key: key, uid: uid)] ?? []).sorted()
    }

    mutating func put(_ object: StoredObject, isNew: Bool) {
        guard isNew || !Self.settled.contains(object.key.kind) else { return }
        let owners = object.mayMention("ownerReferences") ? Self.owners(of: object.tree, at: object.key) : []
        guard owners != ownersOf[object.key] ?? [] else { return }
        remove(object.key)
        guard !owners.isEmpty else { return }
        ownersOf[object.key] = owners
        for owner in owners { owned[owner, default: []].insert(object.key) }
    }

    mutating func remove(_ key: ObjectKey) {
        for owner in ownersOf.removeValue(forKey: key) ?? [] {
            owned[owner]?.remove(key)
            if owned[owner]?.isEmpty == true { owned[owner] = nil }
        }
    }

    /// Those of kinds that are kept here. An owner without a namespace may own what is in any.
    static func owners(of tree: Tree, at key: ObjectKey) -> [Owner] {
        (tree["metadata"]?["ownerReferences"]?.array ?? []).compactMap { reference in
            guard let uid = reference["uid"]?.string, let name = reference["name"]?.string,
                let kind = Kind(
                    apiVersion: reference["apiVersion"]?.string ?? "", kind: reference["kind"]?.string ?? "")
            else { return nil }
            return Owner(key: ObjectKey(kind, kind.namespaced ? key.namespace : "", name), uid: uid)
        }
    }
}
