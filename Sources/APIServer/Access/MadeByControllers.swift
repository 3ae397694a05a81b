import Apply
import Model
import Tree

/// Workers and Tasks are made by controllers alone: what stands in them was decided under budgets, quotas and the
/// namespaces that a region allows, and is acted on. A user changes the pool or the plan that they come from.
enum MadeByControllers {
    static let kinds: [Kind] = [.worker, .task]

    /// Of a Worker, what a user decides: whether it is in maintenance.
    private static let fields: [Kind: [String]] = [.worker: ["maintenance"]]

    static func isController(_ caller: Caller, in namespace: String) -> Bool {
        caller.grants.contains { $0.role == .coordinator && ($0.namespace == nil || $0.namespace == namespace) }
    }

    /// Why that write is not this caller's; nil where it is. `old`: nil for a new object.
    static func refusal(_ caller: Caller, _ key: ObjectKey, old: Tree?, new: Tree) -> APIResponse? {
        guard kinds.contains(key.kind), !isController(caller, in: key.namespace) else { return nil }
        let maker = key.kind == .worker ? "WorkerPool" : "ExecutionPlan"
        guard let old else {
            return forbidden(key, "controllers make it; change the \(maker) that it is to come from")
        }
        guard let field = firstChange(key.kind, old, new, mayRepair: caller.isMaster) else { return nil }
        return forbidden(key, "\(field) is set by controllers; change the \(maker) that it comes from")
    }

    /// `mayRepair`: may take a finalizer off whose controller will never come.
    private static func firstChange(_ kind: Kind, _ old: Tree, _ new: Tree, mayRepair: Bool) -> String? {
        if let name = firstDifference(old["spec"], new["spec"], except: fields[kind] ?? []) { return "spec.\(name)" }
        for part in ["ownerReferences"] + (mayRepair ? [] : ["finalizers"])
        where old["metadata"]?[part] != new["metadata"]?[part] {
            return "metadata.\(part)"
        }
        // Labels with the product's own prefix say whose it is.
        if let name = firstDifference(old["metadata"]?["labels"], new["metadata"]?["labels"], except: []),
            name.hasPrefix("reconcile.dev/")
        {
            return "metadata.labels[\(name)]"
        }
        return nil
    }

    private static func firstDifference(_ old: Tree?, _ new: Tree?, except: [String]) -> String? {
        let names = Set((old?.object?.map(\.key) ?? []) + (new?.object?.map(\.key) ?? [])).sorted()
        return names.first { !except.contains($0) && old?[$0] != new?[$0] }
    }

    private static func forbidden(_ key: ObjectKey, _ why: String) -> APIResponse {
        .failure(
            403, "Forbidden",
            "\(key.kind.plural).\(key.kind.group) \"\(key.name)\" is forbidden: \(why)",
            details: ["name": .string(key.name), "group": .string(key.kind.group), "kind": .string(key.kind.plural)])
    }
}
