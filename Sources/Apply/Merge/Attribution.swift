package import Model
package import Tree

/// Records in an object's managedFields what a controller wrote, as the API does for everybody else: its status under
/// the subresource, the rest (finalizers, above all) under none.
///
/// Of status the direct members are told, not what lies below them: a plan's has something for each of its tasks.
///
/// Only of the kinds that people apply. What controllers make themselves, workers and tasks, is written by nobody else,
/// and there is so much of it that a record of its fields would cost more than it tells.
package enum Attribution {
    package static let manager = "reconcile-controller"
    private static let kinds: Set<Kind> = [.region, .workerPool, .executionPlan, .syncPoint]

    package static func concerns(_ kind: Kind) -> Bool { kinds.contains(kind) }

    package static func recorded(_ new: Tree, old: Tree, _ kind: Kind, now: Timestamp) -> Tree {
        guard concerns(kind), new != old else { return new }
        let schema = schemas[kind] ?? kind.objectSchema
        var owners = ManagedFields(of: old)
        // Where nobody's fields are recorded, the record begins with the first apply.
        guard !owners.entries.isEmpty else { return new }
        var between = old
        between["status"] = new["status"]
        owners.update(
            old: old, new: between, schema: schema, manager: manager, apiVersion: kind.apiVersion,
            subresource: Subresource.status.rawValue, now: now)
        owners.update(
            old: between, new: new, schema: schema, manager: manager, apiVersion: kind.apiVersion, now: now)
        var result = new
        owners.write(to: &result)
        return result
    }

    /// The kinds' own, with a status whose members have one owner each.
    private static let schemas: [Kind: Schema] = {
        var schemas: [Kind: Schema] = [:]
        for kind in kinds {
            var schema = kind.objectSchema
            schema.properties = schema.properties.map { property in
                guard property.name == "status" else { return property }
                return Schema.Property(
                    name: property.name, schema: shallow(property.schema), required: property.required)
            }
            schemas[kind] = schema
        }
        return schemas
    }()

    private static func shallow(_ status: Schema) -> Schema {
        var status = status
        status.properties = status.properties.map { property in
            var schema = property.schema
            schema.isAtomic = true
            schema.listType = .atomic
            return Schema.Property(name: property.name, schema: schema, required: property.required)
        }
        return status
    }
}
