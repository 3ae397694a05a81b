package import Tree

/// One of Reconcile's own kinds: what is wanted (`spec`, the user's) and what is (`status`, the controllers').
package protocol Resource: Sendable, Equatable {
    associatedtype Spec: Structured
    associatedtype Status: Structured
    static var kind: Kind { get }
    /// One sentence for the CRD and the reference page.
    static var summary: String { get }
    static var columns: [PrinterColumn] { get }
    /// Read and written as `metadata`, `spec` and `status`.
    var parts: ResourceParts<Spec, Status> { get set }
    init(metadata: ObjectMeta, spec: Spec, status: Status)
}

/// A column of `kubectl get`: one JSONPath. Priority 1 columns show with `-o wide` only.
package struct PrinterColumn: Sendable, Hashable {
    package let name: String
    package let type: String
    package let path: String
    package let description: String
    package let priority: Int

    package init(_ name: String, _ type: String, _ path: String, _ description: String, wide: Bool = false) {
        self.name = name
        self.type = type
        self.path = path
        self.description = description
        priority = wide ? 1 : 0
    }
}

extension Resource {
    package var key: ObjectKey { ObjectKey(Self.kind, metadata.namespace ?? "", metadata.name) }

    package init(tree: Tree) throws(DecodingIssue) {
        self.init(
            metadata: try Self.metadata(in: tree), spec: try Self.spec(in: tree), status: try Self.status(in: tree))
    }

    /// A next state of an object, of which nearly always only the status is new: what `former`, read from
    /// `formerTree`, has alike is taken from it.
    package init(tree: Tree, after former: Self, readFrom formerTree: Tree) throws(DecodingIssue) {
        self = former
        if tree["metadata"] != formerTree["metadata"] { metadata = try Self.metadata(in: tree) }
        if tree["spec"] != formerTree["spec"] { spec = try Self.spec(in: tree) }
        if tree["status"] != formerTree["status"] { status = try Self.status(in: tree) }
    }

    private static func metadata(in tree: Tree) throws(DecodingIssue) -> ObjectMeta { try part("metadata", tree) }
    private static func spec(in tree: Tree) throws(DecodingIssue) -> Spec { try part("spec", tree) }
    private static func status(in tree: Tree) throws(DecodingIssue) -> Status { try part("status", tree) }

    private static func part<Part: Structured>(_ name: String, _ tree: Tree) throws(DecodingIssue) -> Part {
        guard let value = tree[name], value != .null else { return Part() }
        do throws(DecodingIssue) { return try Part(tree: value) } catch { throw error.under(.field(name)) }
    }

    package var tree: Tree {
        [
            "apiVersion": .string(Self.kind.apiVersion), "kind": .string(Self.kind.rawValue),
            "metadata": metadata.tree, "spec": spec.tree, "status": status.tree,
        ]
    }

    package var ownerReference: OwnerReference {
        var reference = OwnerReference()
        reference.apiVersion = Self.kind.apiVersion
        reference.kind = Self.kind.rawValue
        reference.name = metadata.name
        reference.uid = metadata.uid
        reference.controller = true
        reference.blockOwnerDeletion = true
        return reference
    }
}
