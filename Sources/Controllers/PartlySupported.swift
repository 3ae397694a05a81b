import Model
import Tree

/// The condition that names what an object asks for and this release does not do yet.
enum PartlySupported {
    /// Looked at once for each generation: the answer follows from the spec alone.
    static func note<Object: Resource>(
        _ object: Object, seen: Int?, in conditions: inout [Condition], at time: Timestamp
    ) {
        let generation = object.metadata.generation
        guard seen != generation else { return }
        let fields = fields(of: object)
        if fields.isEmpty { return conditions.remove(.partlySupported) }
        let names = TaskReadiness.list(fields.map(\.description))
        conditions.set(
            Condition(.partlySupported, .yes, .notYetSupported, "accepted and not acted on yet: \(names)"),
            generation: generation, at: time)
    }

    /// Fields of the spec beyond what defaulting wrote: a default is nothing that anybody asked for.
    static func fields<Object: Resource>(of object: Object) -> [FieldPath] {
        let tree: Tree = ["spec": object.spec.tree]
        return unsupportedFields(in: tree, of: Object.kind).filter { path in
            var schema: Schema? = Object.kind.schema
            var value: Tree? = tree
            for step in path.steps {
                switch step {
                case .field(let name):
                    schema = schema?.properties.first { $0.name == name }?.schema
                    value = value?[name]
                case .index(let index):
                    schema = schema?.items
                    value = value?.array?[index]
                }
            }
            return schema?.defaultValue == nil || schema?.defaultValue != value
        }
    }
}
