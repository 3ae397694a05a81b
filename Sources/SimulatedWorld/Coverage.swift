import Model
import Tree

/// Which fields of which specs a set of scenarios writes, and with what classes of values: what no world writes, no
/// world can find wrong.
package struct Coverage: Sendable {
    /// How often each class of value was written, by `Kind.path`.
    package private(set) var classes: [String: [String: Int]] = [:]

    package init() {}

    package mutating func add(_ scenario: Scenario) {
        for timed in scenario.deeds {
            switch timed.deed {
            case .create(let key, let tree), .recreate(let key, let tree), .apply(let key, let tree):
                add(key.kind, tree["spec"] ?? .emptyObject)
            case .set(let key, let path, let value):
                guard let value else { continue }
                let tree = path.reversed().reduce(value) { inner, name in
                    var outer = Tree.emptyObject
                    outer[name] = inner
                    return outer
                }
                add(key.kind, tree)
            default: continue
            }
        }
    }

    /// Fields that nobody wrote.
    package var missing: [String] {
        Self.kinds.flatMap { kind in Self.fields(of: kind).map(\.path).filter { classes[$0] == nil } }.sorted()
    }

    /// The table, a field a line.
    package var lines: [String] {
        Self.kinds.flatMap { kind in Self.fields(of: kind).map(\.path) }.map { path in
            let found = classes[path] ?? [:]
            let text = found.keys.sorted().map { "\($0) \(found[$0] ?? 0)" }.joined(separator: ", ")
            return "\(path): \(text.isEmpty ? "never" : text)"
        }
    }

    // MARK: Fields

    private static let kinds: [Kind] = [.region, .workerPool, .executionPlan, .syncPoint]

    private static func spec(of kind: Kind) -> Schema {
        switch kind {
        case .region: RegionSpec.schema
        case .workerPool: WorkerPoolSpec.schema
        case .executionPlan: ExecutionPlanSpec.schema
        default: SyncPointSpec.schema
        }
    }

    /// The leaves of a spec: what a person writes a value for.
    private static func fields(of kind: Kind) -> [(path: String, schema: Schema)] {
        var found: [(String, Schema)] = []
        func walk(_ path: String, _ schema: Schema) {
            if let items = schema.items, !items.properties.isEmpty { return walk(path + "[]", items) }
            guard schema.properties.isEmpty else {
                for property in schema.properties { walk("\(path).\(property.name)", property.schema) }
                return
            }
            found.append((path, schema))
        }
        walk(kind.rawValue, spec(of: kind))
        return found
    }

    private mutating func add(_ kind: Kind, _ tree: Tree) { walk(kind.rawValue, Self.spec(of: kind), tree) }

    private mutating func walk(_ path: String, _ schema: Schema, _ tree: Tree) {
        if let items = schema.items, !items.properties.isEmpty {
            for item in tree.array ?? [] { walk(path + "[]", items, item) }
            return
        }
        guard schema.properties.isEmpty else {
            for property in schema.properties {
                guard let value = tree[property.name] else { continue }
                walk("\(path).\(property.name)", property.schema, value)
            }
            return
        }
        classes[path, default: [:]][Self.name(of: tree, schema), default: 0] += 1
    }

    // MARK: Classes of values

    private static func name(of tree: Tree, _ schema: Schema) -> String {
        if tree == schema.defaultValue { return "default" }
        switch tree {
        case .bool(let value): return "\(value)"
        case .array(let items): return items.isEmpty ? "none" : items.count == 1 ? "one" : "many"
        case .object(let members): return members.isEmpty ? "none" : "some"
        case .int(let value): return name(of: value, schema)
        case .string(let text):
            if schema.allowed.contains(text) { return text }
            if let duration = Duration(text: text) { return duration == .zero ? "zero" : "some" }
            return text.isEmpty ? "empty" : "some"
        default: return "some"
        }
    }

    private static func name(of value: Int64, _ schema: Schema) -> String {
        if value == schema.minimum { return "least" }
        if value == schema.maximum { return "most" }
        if let least = schema.minimum, value == least + 1 { return "least + 1" }
        if let most = schema.maximum, value == most - 1 { return "most - 1" }
        return value == 0 ? "zero" : "between"
    }
}
