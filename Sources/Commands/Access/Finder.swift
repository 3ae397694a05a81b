import Client
import Model
import Text
import Tree

/// Finds objects by the names people type, and says what they may have meant.
struct Finder {
    let objects: ObjectClient

    /// The object, or an error with the nearest name, here or in another namespace.
    func find(_ key: ObjectKey) async throws -> Tree {
        if let object = try await objects.get(key) { return object }
        throw try await notFound(key)
    }

    func notFound(_ key: ObjectKey) async throws -> CommandError {
        let group = key.kind.group.isEmpty ? "" : ".\(key.kind.group)"
        let place = key.namespace.isEmpty ? "" : " in namespace \"\(key.namespace)\""
        let all = try await objects.list(key.kind).items.compactMap { ObjectKey(object: $0) }
        var next: TerminalText?
        if let other = all.first(where: { $0.name == key.name && $0.namespace != key.namespace }) {
            next = "There is one in namespace \"\(other.namespace)\": add -n \(other.namespace)"
        } else if let near = NearestName.suggest(
            key.name, among: all.filter { $0.namespace == key.namespace }.map(\.name))
        {
            next = "Did you mean \"\(near)\"?"
        }
        return CommandError(.failed, "\(key.kind.plural)\(group) \"\(key.name)\" not found\(place)", next: next)
    }

    /// The objects that belong to a plan.
    func children(_ kind: Kind, of plan: ObjectKey) async throws -> [Tree] {
        try await objects.list(kind, namespace: plan.namespace, selector: "\(Names.planLabel)=\(plan.name)").items
    }
}
