import Model
import Tree

/// The part of metadata that the system writes.
enum SystemMetadata {
    /// Drops what says nothing: nulls, empty texts, lists and maps, as Kubernetes' own encoding does.
    static func tidy(_ object: inout Tree) {
        guard case .object(let members)? = object["metadata"] else { return }
        if isTidy(object["metadata"]) { return }
        var kept = Members(reservingCapacity: members.count)
        for member in members where !isNothing(member.value) && member.key != "selfLink" {
            kept[member.key] = member.value
        }
        object["metadata"] = .object(kept)
    }

    /// Whether there is nothing to drop.
    static func isTidy(_ metadata: Tree?) -> Bool {
        guard case .object(let members)? = metadata else { return true }
        return members.allSatisfy { !isNothing($0.value) } && members["selfLink"] == nil
    }

    /// Whether a document speaks of what is not its writer's.
    static func isMentioned(in metadata: Tree?) -> Bool {
        guard case .object(let members)? = metadata else { return false }
        return members.contains { names.contains($0.key) }
    }

    private static let names: Set<String> = [
        "uid", "resourceVersion", "generation", "creationTimestamp", "deletionTimestamp", "deletionGracePeriodSeconds",
        "managedFields", "selfLink",
    ]

    private static func isNothing(_ tree: Tree) -> Bool {
        switch tree {
        case .null: true
        case .string(let text): text.isEmpty
        case .array(let items): items.isEmpty
        case .object(let members): members.isEmpty
        default: false
        }
    }

    /// Changes metadata in place.
    static func edit(_ object: inout Tree, _ body: (inout Members) -> Void) {
        var metadata = object["metadata"]?.object ?? Members()
        body(&metadata)
        object["metadata"] = .object(metadata)
    }

    /// Sets or, with nil, removes one member of metadata.
    static func set(_ object: inout Tree, _ name: String, _ value: Tree?) {
        guard object["metadata"]?[name] != value else { return }
        var metadata = object["metadata"] ?? .emptyObject
        metadata[name] = value
        object["metadata"] = metadata
    }

    /// A name from a prefix and five characters that depend on the uid alone: no vowels, no digits that look
    /// like letters, as Kubernetes picks them.
    static func name(prefix: String, uid: String) -> String {
        let alphabet = Array("bcdfghjklmnpqrstvwxz2456789")
        // FNV-1a, 64 bit.
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for byte in uid.utf8 { hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01b3 }
        var text = String(prefix.prefix(58))
        for _ in 0..<5 {
            text.append(alphabet[Int(hash % UInt64(alphabet.count))])
            hash /= UInt64(alphabet.count)
        }
        return text
    }
}
