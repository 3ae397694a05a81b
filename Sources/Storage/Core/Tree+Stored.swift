package import Tree

/// What the store reads and writes in an object: four fields of its metadata.
extension Tree {
    package var uid: String? { self["metadata"]?["uid"]?.string }

    /// Deleting, and nothing holds it any more: the write that makes it so removes it.
    var isReleased: Bool {
        guard let metadata = self["metadata"], let deletion = metadata["deletionTimestamp"], !deletion.isNull else {
            return false
        }
        // A namespace is held by what its spec lists as well.
        if self["kind"] == "Namespace", !(self["spec"]?["finalizers"]?.array ?? []).isEmpty { return false }
        return metadata["finalizers"]?.array?.isEmpty ?? true
    }

    /// The same object with `metadata.resourceVersion` set, or removed with nil.
    package func stamped(_ version: UInt64?) -> Tree {
        var metadata = self["metadata"]?.object ?? Members()
        metadata["resourceVersion"] = version.map { .string(String($0)) }
        var tree = self
        tree["metadata"] = .object(metadata)
        return tree
    }

    /// About the bytes of the canonical JSON: exact but for escapes in strings and the digits of numbers.
    /// Takes a step a value, none a byte.
    package var approximateBytes: Int {
        switch self {
        case .null, .bool: 5
        case .int(let value): value.magnitude < 1_000 ? 3 : 12
        case .double: 12
        case .string(let text): text.utf8.count + 2
        case .array(let items): items.reduce(2) { $0 + $1.approximateBytes + 1 }
        case .object(let members): members.reduce(2) { $0 + $1.key.utf8.count + 4 + $1.value.approximateBytes }
        }
    }
}
