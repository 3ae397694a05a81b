package import Model
package import Tree

/// An object as the store holds it: the user's tree with the store's version in `metadata.resourceVersion`.
package struct StoredObject: Sendable, Hashable {
    private enum Content: Sendable {
        case tree(Tree)
        case packed(any PackedContent)
    }

    package let key: ObjectKey
    package let uid: String
    /// The store-wide version of the write that made this state.
    package let version: UInt64
    private let content: Content

    package init(key: ObjectKey, uid: String, version: UInt64, tree: Tree) {
        self.key = key
        self.uid = uid
        self.version = version
        content = .tree(tree)
    }

    package init(key: ObjectKey, uid: String, version: UInt64, packed: any PackedContent) {
        self.key = key
        self.uid = uid
        self.version = version
        content = .packed(packed)
    }

    /// The whole object, `metadata.resourceVersion` included. Of a packed one it is made anew each time: ask once.
    package var tree: Tree {
        switch content {
        case .tree(let tree): tree
        case .packed(let packed): packed.tree(at: version)
        }
    }

    /// Where the store holds it as JSON; nil where it holds the tree.
    package var packed: (any PackedContent)? {
        if case .packed(let packed) = content { packed } else { nil }
    }

    /// The same state under the version of another write.
    package func restamped(_ version: UInt64) -> StoredObject {
        switch content {
        case .packed(let packed): return StoredObject(key: key, uid: uid, version: version, packed: packed)
        case .tree(var tree):
            tree["metadata"]?["resourceVersion"] = .string(String(version))
            return StoredObject(key: key, uid: uid, version: version, tree: tree)
        }
    }

    /// False: certainly not, and nothing had to be unpacked to know it.
    package func mayMention(_ text: String) -> Bool { packed?.mentions(text) ?? true }

    package static func == (a: StoredObject, b: StoredObject) -> Bool {
        a.key == b.key && a.uid == b.uid && a.version == b.version && a.tree == b.tree
    }

    package func hash(into hasher: inout Hasher) {
        hasher.combine(key)
        hasher.combine(version)
    }
}

/// An object as JSON: about half of what its tree takes, and what lists and watches send as it is.
package protocol PackedContent: Sendable {
    /// How many bytes of JSON it is.
    var count: Int { get }
    func tree(at version: UInt64) -> Tree
    /// Its canonical JSON with that `metadata.resourceVersion`.
    func append(to bytes: inout [UInt8], at version: UInt64)
    /// Whether these bytes of plain text stand anywhere in it.
    func mentions(_ text: String) -> Bool
}

/// One write of a batch. Trees come without `metadata.resourceVersion`, or with any: the store sets it.
package enum Write: Sendable, Hashable {
    /// Fails with `.alreadyExists` if the key is taken. The tree must hold `metadata.uid`.
    case create(ObjectKey, Tree)
    /// Fails with `.conflict` unless the object's version is `expecting`; with `.notFound` if it is absent. An object
    /// that is deleting and whose new tree has no finalizers left is removed by the same write (watchers see
    /// `deleted`).
    case update(ObjectKey, Tree, expecting: UInt64)
    /// Removes the object, finalizers or not: deciding about finalizers is the caller's (Apply, controllers).
    case remove(ObjectKey, expecting: UInt64)

    package var key: ObjectKey {
        switch self {
        case .create(let key, _), .update(let key, _, _), .remove(let key, _): key
        }
    }
}

/// Writes that happen together or not at all.
package struct Batch: Sendable, Hashable {
    package var writes: [Write]
    /// The leader's epoch; nil for writes of users, which no leader fences. A store whose recorded epoch is higher
    /// refuses with `.staleEpoch`.
    package var epoch: UInt64?
    /// Fails with `.conflict` unless each of these stands and is not on its way out: what was looked at and is not
    /// written.
    package var standing: [Standing]

    package init(_ writes: [Write], epoch: UInt64? = nil, standing: [Standing] = []) {
        self.writes = writes
        self.epoch = epoch
        self.standing = standing
    }
}

/// One object under one uid, by which it is told from a later one of the same name.
package struct Standing: Sendable, Hashable {
    package let key: ObjectKey
    package let uid: String
    package init(_ key: ObjectKey, uid: String) {
        self.key = key
        self.uid = uid
    }
}

/// What a committed batch became: for each write, the new object, or nil where it was removed.
package struct CommitReceipt: Sendable, Hashable {
    package let version: UInt64
    package let objects: [StoredObject?]

    package init(version: UInt64, objects: [StoredObject?]) {
        self.version = version
        self.objects = objects
    }
}

package struct StoreError: Error, Sendable, Hashable, CustomStringConvertible {
    package enum Code: Sendable, Hashable {
        case notFound(ObjectKey)
        case alreadyExists(ObjectKey)
        /// `actual` is the version that stands.
        case conflict(ObjectKey, actual: UInt64)
        case staleEpoch(current: UInt64)
        /// The asked-for version is older than the history: list again (HTTP 410).
        case expired(oldest: UInt64)
        case tooLarge(ObjectKey, bytes: Int)
        /// The objects of all, or of that namespace, take as much as they may. Changes that add little, and removals,
        /// still go through.
        case full(namespace: String?)
        /// The store can't be reached or has failed: nothing was acknowledged; whether it was applied is unknown only
        /// if `unknownOutcome`.
        case unavailable(unknownOutcome: Bool)
        case closed
    }
    package let code: Code
    package let message: String

    package init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }
    package var description: String { message }
}

/// Which objects: one kind or several, one namespace or all.
package struct StoreQuery: Sendable, Hashable {
    /// Empty means all kinds.
    package var kinds: [Kind]
    package var namespace: String?
    package var name: String?
    /// Of a list: the state of that version, as long as the history knows it (else `.expired`); nil for the latest.
    package var version: UInt64?
    /// Of a watch: a change of an existing object comes as `replaced`, with the state before, and what `deleted` shows
    /// is the state that stood last, not one that went with the deletion.
    package var comparing = false

    package init(kinds: [Kind] = [], namespace: String? = nil, name: String? = nil) {
        self.kinds = kinds
        self.namespace = namespace
        self.name = name
    }

    package func matches(_ key: ObjectKey) -> Bool {
        (kinds.isEmpty || kinds.contains(key.kind)) && (namespace == nil || key.namespace == namespace)
            && (name == nil || key.name == name)
    }
}

package struct ListResult: Sendable {
    /// In key order.
    package let objects: [StoredObject]
    /// The state's version: a watch from here misses nothing.
    package let version: UInt64

    package init(objects: [StoredObject], version: UInt64) {
        self.objects = objects
        self.version = version
    }
}

/// What a watch says. It begins with `restarted`, then `initial` for every object of a snapshot, then `synced`; from
/// then on changes in version order, without gap or duplicate. A watch from a version begins with `synced` alone.
package enum StoreEvent: Sendable, Hashable {
    case restarted
    case initial(StoredObject)
    case synced(version: UInt64)
    /// `created` tells a first state from a change of an existing object.
    case applied(StoredObject, created: Bool)
    /// In place of `applied` where the query compares.
    case replaced(StoredObject, old: StoredObject)
    /// The last state; its `version` is that of the removal.
    case deleted(StoredObject)
}

/// Where desired state and status live.
///
/// Guarantees (S5, S7): compare-and-set is linearizable; versions rise and are never reused, crashes included; an
/// acknowledged batch survives kill -9 and power loss; a batch is all or nothing; an epoch once seen refuses every
/// lower one. Cancelling `commit` leaves its outcome unknown.
package protocol ResourceStore: Sendable {
    func get(_ key: ObjectKey) async throws(StoreError) -> StoredObject?
    func list(_ query: StoreQuery) async throws(StoreError) -> ListResult
    func commit(_ batch: Batch) async throws(StoreError) -> CommitReceipt
    /// Claims the next epoch, durably: higher than every one before.
    func claimEpoch() async throws(StoreError) -> UInt64
    /// Changes from `version` on (nil: begins with a snapshot). A reader that falls more than the stream's bound behind
    /// ends with `.expired`.
    func watch(_ query: StoreQuery, from version: UInt64?) throws(StoreError) -> StoreWatch
    /// What a namespace's objects take of its quota; nil where the store keeps none.
    func usage(of namespace: String) throws(StoreError) -> NamespaceUsage?
}

extension ResourceStore {
    package func usage(of namespace: String) throws(StoreError) -> NamespaceUsage? { nil }
}

/// The stream of one watch: pull batches in order; nil when it was closed by either side.
package protocol StoreWatchSource: Sendable {
    func next() async throws(StoreError) -> [StoreEvent]?
    func close()
}

package struct StoreWatch: Sendable {
    private let source: any StoreWatchSource
    package init(_ source: any StoreWatchSource) { self.source = source }
    package func next() async throws(StoreError) -> [StoreEvent]? { try await source.next() }
    package func close() { source.close() }
}
