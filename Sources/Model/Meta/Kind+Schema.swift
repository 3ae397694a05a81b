package import Tree

/// What the kinds look like as whole objects: schema, summary, columns and subresources, all taken from the
/// types.
extension Kind {
    /// The schema of a whole object. `metadata` is left open here; `ObjectMeta.schema` describes it.
    package var schema: Schema { Kind.table[self]?.schema ?? Schema(.any) }

    /// One sentence about the kind.
    package var summary: String { schema.description }

    /// The columns of `kubectl get` after the name.
    package var columns: [PrinterColumn] { Kind.table[self]?.columns ?? [] }

    /// Whether status is written through `/status` alone, as it is for all of our own kinds.
    package var hasStatus: Bool { isOwn }

    /// The paths `/scale` reads and writes; nil where the kind can't be scaled.
    package var scale: ScalePaths? {
        guard self == .workerPool else { return nil }
        return ScalePaths(
            specReplicas: ["spec", "replicas"], statusReplicas: ["status", "replicas"],
            selector: ["status", "selector"])
    }

    private struct Entry: Sendable {
        let schema: Schema
        let columns: [PrinterColumn]
    }

    private static let table: [Kind: Entry] = {
        var table: [Kind: Entry] = [:]
        for kind in allCases {
            switch kind {
            case .region: table[kind] = entry(Region.self)
            case .workerPool: table[kind] = entry(WorkerPool.self)
            case .executionPlan: table[kind] = entry(ExecutionPlan.self)
            case .syncPoint: table[kind] = entry(SyncPoint.self)
            case .worker: table[kind] = entry(Worker.self)
            case .task: table[kind] = entry(WorkTask.self)
            case .namespace, .secret, .configMap, .event, .lease, .serviceAccount:
                table[kind] = Entry(schema: coreSchema(kind), columns: coreColumns(kind))
            }
        }
        return table
    }()

    private static func entry<R: Resource>(_: R.Type) -> Entry {
        var schema = whole(R.summary)
        schema.properties.append(.init(name: "spec", schema: R.Spec.schema, required: true))
        schema.properties.append(.init(name: "status", schema: R.Status.schema, required: false))
        return Entry(schema: schema, columns: R.columns)
    }

    /// An object with the three members that every object has.
    static func whole(_ description: String) -> Schema {
        var schema = Schema(.object)
        schema.description = description
        schema.properties = [
            .init(
                name: "apiVersion", schema: word("API group and version, such as reconcile.dev/v1alpha1."),
                required: false),
            .init(name: "kind", schema: word("The kind's name in UpperCamel."), required: false),
            .init(
                name: "metadata", schema: open("Name, namespace, labels and the store's own record."),
                required: false),
        ]
        return schema
    }

    static func word(_ description: String) -> Schema {
        var schema = Schema(.string)
        schema.description = description
        schema.maxLength = 253
        return schema
    }

    static func open(_ description: String) -> Schema {
        var schema = Schema(.any)
        schema.description = description
        return schema
    }
}

/// Where the scale subresource finds its numbers in the object.
package struct ScalePaths: Sendable, Hashable {
    package let specReplicas: FieldPath
    package let statusReplicas: FieldPath
    package let selector: FieldPath
}
