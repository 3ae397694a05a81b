import Model
import Ports
import Tree

/// A namespace on its way out: what it waits for, as conditions that name it (kubernetes.io/docs, the namespace
/// controller), and that nothing of ours holds it any more once it is empty.
enum NamespaceEnd {
    static func state(of namespace: Tree, left: [StoredObject], now: Timestamp) -> Tree {
        var tree = namespace
        let old = tree["status"]?["conditions"]?.array ?? []
        let time = Tree.string(now.wholeSeconds.description)
        let own = (tree["metadata"]?["finalizers"]?.array ?? []).compactMap(\.string).filter { $0 != "kubernetes" }
        let conditions = conditions(left, own: own).map { fresh -> Tree in
            var condition = fresh
            let before = old.first { $0["type"] == fresh["type"] }
            let isSame = before?["status"] == fresh["status"]
            condition["lastTransitionTime"] = isSame ? before?["lastTransitionTime"] ?? time : time
            return condition
        }
        var status = tree["status"] ?? .emptyObject
        status["phase"] = "Terminating"
        status["conditions"] = .array(conditions)
        tree["status"] = status
        guard left.isEmpty else { return tree }
        let others = (tree["spec"]?["finalizers"]?.array ?? []).filter { $0 != "kubernetes" }
        tree["spec"] = others.isEmpty ? .emptyObject : ["finalizers": .array(others)]
        var metadata = tree["metadata"] ?? .emptyObject
        let finalizers = (metadata["finalizers"]?.array ?? []).filter { $0 != "kubernetes" }
        metadata["finalizers"] = finalizers.isEmpty ? nil : .array(finalizers)
        tree["metadata"] = metadata
        return tree
    }

    /// `own`: finalizers of the namespace itself.
    private static func conditions(_ left: [StoredObject], own: [String]) -> [Tree] {
        func condition(_ type: Tree, _ status: Bool, _ reason: Tree, _ message: String) -> Tree {
            ["type": type, "status": status ? "True" : "False", "reason": reason, "message": .string(message)]
        }
        let kinds = counted(left.map { resource($0.key.kind) }) { "\($0) has \($1) resource instances" }
        let holders = left.flatMap { object in
            (object.tree["metadata"]?["finalizers"]?.array ?? []).compactMap(\.string)
        }
        let finalizers = counted(holders + own) { "\($0) in \($1) resource instances" }
        return [
            condition(
                "NamespaceDeletionDiscoveryFailure", false, "ResourcesDiscovered",
                "All resources successfully discovered"),
            condition(
                "NamespaceDeletionGroupVersionParsingFailure", false, "ParsedGroupVersions",
                "All legacy kube types successfully parsed"),
            condition(
                "NamespaceDeletionContentFailure", false, "ContentDeleted",
                "All content successfully deleted, may be waiting on finalization"),
            kinds.isEmpty
                ? condition(
                    "NamespaceContentRemaining", false, "ContentRemoved", "All content successfully removed")
                : condition(
                    "NamespaceContentRemaining", true, "SomeResourcesRemain",
                    "Some resources are remaining: \(kinds)"),
            finalizers.isEmpty
                ? condition(
                    "NamespaceFinalizersRemaining", false, "ContentHasNoFinalizers",
                    "All content-preserving finalizers finished")
                : condition(
                    "NamespaceFinalizersRemaining", true, "SomeFinalizersRemain",
                    "Some content in the namespace has finalizers remaining: \(finalizers)"),
        ]
    }

    /// `configmaps.` of the core group, as upstream writes it.
    private static func resource(_ kind: Kind) -> String { "\(kind.plural).\(kind.group)" }

    private static func counted(_ words: [String], _ text: (String, Int) -> String) -> String {
        var counts: [String: Int] = [:]
        for word in words { counts[word, default: 0] += 1 }
        return counts.sorted { $0.key < $1.key }.map { text($0.key, $0.value) }.joined(separator: ", ")
    }
}
