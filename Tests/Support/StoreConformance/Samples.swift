package import Model
import Ports
package import Tree

/// Builders of what the laws store.
package enum Sample {
    package static func key(_ name: String, _ kind: Kind = .task, in namespace: String = "default") -> ObjectKey {
        ObjectKey(kind, namespace, name)
    }

    /// An object as its writer sends it: with an uid, without a version.
    package static func tree(
        _ key: ObjectKey, uid: String? = nil, value: Int = 0, finalizers: [String] = [], deleting: Bool = false
    ) -> Tree {
        var metadata: Tree = ["name": .string(key.name), "uid": .string(uid ?? "uid-\(key.name)")]
        if key.kind.namespaced { metadata["namespace"] = .string(key.namespace) }
        if !finalizers.isEmpty { metadata["finalizers"] = .array(finalizers.map { .string($0) }) }
        if deleting { metadata["deletionTimestamp"] = "2026-01-02T03:04:05Z" }
        return [
            "apiVersion": .string(key.kind.apiVersion), "kind": .string(key.kind.rawValue), "metadata": metadata,
            "spec": ["value": .int(Int64(value))],
        ]
    }

    /// The tree as the store gives it back.
    package static func stored(_ tree: Tree, at version: UInt64) -> Tree {
        var tree = tree
        var metadata = tree["metadata"] ?? .emptyObject
        metadata["resourceVersion"] = .string(String(version))
        tree["metadata"] = metadata
        return tree
    }
}

extension ResourceStore {
    @discardableResult
    func create(_ key: ObjectKey, uid: String? = nil, value: Int = 0, finalizers: [String] = []) async throws
        -> StoredObject
    {
        let tree = Sample.tree(key, uid: uid, value: value, finalizers: finalizers)
        return try await single(.create(key, tree))
    }

    @discardableResult
    func update(_ object: StoredObject, value: Int, epoch: UInt64? = nil) async throws -> StoredObject {
        let tree = Sample.tree(object.key, uid: object.uid, value: value)
        return try await single(.update(object.key, tree, expecting: object.version), epoch: epoch)
    }

    /// The removal's version.
    @discardableResult
    func remove(_ object: StoredObject) async throws -> UInt64 {
        try await commit(Batch([.remove(object.key, expecting: object.version)])).version
    }

    private func single(_ write: Write, epoch: UInt64? = nil) async throws -> StoredObject {
        let receipt = try await commit(Batch([write], epoch: epoch))
        guard let object = receipt.objects.first ?? nil else {
            throw LawBroken(description: "the receipt of \(write.key) holds no object: \(receipt)")
        }
        return object
    }
}

extension StoredObject {
    var value: Int { Int(tree["spec"]?["value"]?.int ?? -1) }
}

/// A small seeded generator (SplitMix64): a seed reproduces a run.
struct SeededRandom: RandomNumberGenerator {
    private var state: UInt64

    init(_ seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
