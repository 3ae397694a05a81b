import Documents
package import Model
package import Tree

/// The annotation in which client-side apply keeps what it applied last (apimachinery,
/// pkg/util/managedfields/internal, lastapplied*.go).
package enum LastApplied {
    package static let annotation = "kubectl.kubernetes.io/last-applied-configuration"
    /// The manager whose server-side applies keep the annotation true.
    static let manager = "kubectl"

    /// The manager under which client-side apply is recorded.
    private static let clientSide = "kubectl-client-side-apply"
    /// Our own command line: it goes on where client-side apply stopped.
    private static let successor = "reconcile-cli"

    /// The object as if what client-side apply wrote had been applied by `manager`, where that is our command line:
    /// what it does not name then goes, as if `kubectl apply` had left it out.
    static func succeeding(_ live: Tree, _ manager: String, _ apiVersion: String) -> Tree {
        guard manager == successor else { return live }
        var owners = ManagedFields(of: live)
        guard owners.inherit(from: clientSide, to: manager, apiVersion: apiVersion) else { return live }
        var result = live
        owners.write(to: &result)
        return result
    }

    /// Where an object has the annotation, it says what `manager` applied now.
    static func update(_ object: inout Tree, _ applied: Tree) {
        guard let old = object["metadata"]?["annotations"]?[annotation]?.string, !old.isEmpty else { return }
        var kept = applied
        if var annotations = kept["metadata"]?["annotations"], case .object = annotations {
            annotations[annotation] = nil
            kept["metadata"]?["annotations"] = annotations
        }
        object["metadata"]?["annotations"]?[annotation] = .string(JSON.text(kept) + "\n")
    }

    /// The places that client-side apply spoke of last and that still are as it said; nil where it never did.
    package static func fields(of object: Tree, _ schema: Schema, apiVersion: String) -> FieldSet? {
        // try?: an annotation that another tool wrote, or damaged, says nothing of what was applied.
        guard let text = object["metadata"]?["annotations"]?[annotation]?.string,
            // try?: as above.
            let applied = try? JSON.parse(text, limits: .manifest), applied["apiVersion"]?.string == apiVersion
        else { return nil }
        let change = Comparison(applied, object, schema)
        return FieldSet(of: applied, schema).subtracting(change.modified).subtracting(change.added)
            .subtracting(change.removed)
    }
}
