import Model
import Ports
import Tree

extension APIServer {
    /// What is nearly full is named before it is, to whoever fills it: of the namespace as it stands, and of a plan
    /// also as it will be once its tasks are made.
    func quotaWarnings(_ key: ObjectKey, _ tree: Tree) throws(StoreError) -> [String] {
        guard !key.namespace.isEmpty, let usage = try store.usage(of: key.namespace) else { return [] }
        if key.kind == .executionPlan {
            let more = Self.taskCount(tree)
            let (used, limit) = (usage.used[.tasks] ?? 0, usage.quota[.tasks])
            if used + more > limit {
                return [
                    "the plan's \(more) tasks will exceed the quota of namespace \(key.namespace): tasks used: \(used), "
                        + "limited: \(limit). Those that have no room are not made until others are deleted, or an operator "
                        + "raises \(NamespaceQuota.Resource.tasks.annotation) on the Namespace"
                ]
            }
        }
        let fullest = usage.fullest
        return usage.share(fullest) < NamespaceQuota.warningShare ? [] : [usage.sentence(fullest)]
    }

    private static func taskCount(_ plan: Tree) -> Int {
        let regions = plan["spec"]?["regions"]?.array ?? []
        return ([plan["spec"] ?? .null] + regions).reduce(0) { $0 + ($1["tasks"]?.array?.count ?? 0) }
    }
}
