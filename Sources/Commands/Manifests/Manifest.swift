import Documents
import Model
import Text
import Tree

/// One object as its author wrote it, and where.
struct Manifest: Sendable {
    /// With its namespace filled in, otherwise as written.
    var tree: Tree
    var key: ObjectKey
    var place: ManifestPlace
}

/// Where an object stands: a document of a file and, for an item of a `List`, the path to it.
struct ManifestPlace: Sendable, Hashable {
    var source: SourceName
    var document: Int
    var line: Int
    var prefix = FieldPath()
}

/// Several manifests that passed every check that needs no state.
struct Manifests: Sendable {
    /// In the order in which they are applied: what others refer to first, otherwise as written.
    var items: [Manifest] = []
    /// Of a saved plan: the state it was made from.
    var basis: [PlanReport.Basis] = []
    /// Sentences about what is accepted and not acted on.
    var warnings: [String] = []

    /// Names of objects that are not among these.
    var unresolved: [Unresolved] = []

    struct Unresolved: Sendable {
        var place: String
        var reference: Reference
        /// Names of that kind among the manifests.
        var beside: [String]
        /// Whether one of them was probably meant.
        var isNear: Bool

        func sentence(_ where: String, _ names: [String]) -> String {
            "\(place): \(reference.missing(`where`, near: beside + names))"
        }
    }

    var trees: [Tree] { items.map(\.tree) }

    /// Without a look at the state: what is wrong in any case, and what probably is.
    var allWarnings: [String] {
        warnings + unresolved.filter(\.isNear).map { $0.sentence(" in these manifests", []) }
    }
    func keys(_ kind: Kind) -> [ObjectKey] { items.map(\.key).filter { $0.kind == kind } }
}

/// One thing wrong with a manifest, as it is printed: `plan.yaml:14:7: spec.tasks[0].run: Required value`.
package struct ManifestIssue: Sendable, Hashable, CustomStringConvertible {
    package var file: String
    package var line: Int
    package var column: Int
    package var message: String

    package var description: String { "\(file):\(line):\(column): \(message)" }
}
