package import Tree

/// A type made of named fields. It starts from `init()`, whose values are the defaults, and its `shape` lists
/// the fields: reading, writing, schema, defaults and reference pages all come from that one list.
package protocol Structured: FieldValue {
    init()
    static var shape: Shape<Self> { get }
}

/// The fields of a `Structured` type in the order people read them, with its description and rules.
package struct Shape<Root: Sendable>: Sendable {
    package let description: String
    package let fields: [Field<Root>]
    /// The same in the order of their names, as the members of an object come.
    let ordered: [Field<Root>]
    /// How many fields must be there.
    let requiredCount: Int
    package let rules: [Schema.Rule]

    package init(_ description: String, rules: [Schema.Rule] = [], _ fields: Field<Root>...) {
        self.description = description
        self.fields = fields
        ordered = fields.sorted { $0.name < $1.name }
        requiredCount = fields.count { $0.required && !$0.toleratesAbsence }
        self.rules = rules
    }

    package var schema: Schema {
        var schema = Schema(.object)
        schema.description = description
        schema.properties = fields.map {
            Schema.Property(name: $0.name, schema: $0.schema, required: $0.required)
        }
        schema.rules = rules
        return schema
    }
}

/// One field: its name in YAML, its schema, and how it moves between tree and value.
package struct Field<Root: Sendable>: Sendable {
    package let name: String
    package var schema: Schema
    package let required: Bool
    /// Whether reading takes absence for the initial value although the schema asks for the field: a type
    /// that is also used in a narrower form, with the field taken out by `Constraint.without`.
    var toleratesAbsence = false
    let read: @Sendable (Tree, inout Root) throws(DecodingIssue) -> Void
    let write: @Sendable (Root) -> Tree?
}

extension Structured {
    package static var schema: Schema { shape.schema }

    package init(tree: Tree) throws(DecodingIssue) {
        guard case .object(let members) = tree else { throw Self.mismatch("object", tree) }
        self.init()
        do throws(DecodingIssue) {
            if try read(members, Self.shape) { return }
        } catch { self = Self() }
        try readInOrder(members, Self.shape.fields)
    }

    /// Reads the members as they come; false where one is missing.
    private mutating func read(_ members: Members, _ shape: Shape<Self>) throws(DecodingIssue) -> Bool {
        var missing = shape.requiredCount
        var next = 0
        for member in members.elements {
            while next < shape.ordered.count, shape.ordered[next].name < member.key { next += 1 }
            guard next < shape.ordered.count else { break }
            guard shape.ordered[next].name == member.key, member.value != .null else { continue }
            try shape.ordered[next].read(member.value, &self)
            if shape.ordered[next].required, !shape.ordered[next].toleratesAbsence { missing -= 1 }
        }
        return missing == 0
    }

    /// The same field by field, for the error that comes first in the order of the shape.
    private mutating func readInOrder(_ members: Members, _ fields: [Field<Self>]) throws(DecodingIssue) {
        for field in fields {
            guard let value = members[field.name], value != .null else {
                if field.required, !field.toleratesAbsence {
                    throw DecodingIssue(path: [field.name], message: "Required value")
                }
                continue
            }
            do throws(DecodingIssue) { try field.read(value, &self) } catch {
                throw error.under(.field(field.name))
            }
        }
    }

    package var tree: Tree {
        var members = Members(reservingCapacity: Self.shape.fields.count)
        for field in Self.shape.fields { members[field.name] = field.write(self) }
        return .object(members)
    }
}

extension Field {
    /// A field that must be there.
    package static func required<Value: FieldValue>(
        _ name: String, _ path: any WritableKeyPath<Root, Value> & Sendable, _ description: String,
        _ bounds: Constraint...
    ) -> Field {
        let place = Place(path)
        return Field(
            name: name, schema: .of(Value.self, description, bounds), required: true,
            read: { tree, root throws(DecodingIssue) in place.set(try Value(tree: tree), in: &root) },
            write: { place.get($0).tree })
    }

    /// A field whose absence means something of its own.
    package static func optional<Value: FieldValue>(
        _ name: String, _ path: any WritableKeyPath<Root, Value?> & Sendable, _ description: String,
        _ bounds: Constraint...
    ) -> Field {
        let place = Place(path)
        return Field(
            name: name, schema: .of(Value.self, description, bounds), required: false,
            read: { tree, root throws(DecodingIssue) in place.set(try Value(tree: tree), in: &root) },
            write: { place.get($0)?.tree })
    }

    /// A list or map whose absence means empty; written only when it holds something.
    package static func list<Value: FieldValue & Collection>(
        _ name: String, _ path: any WritableKeyPath<Root, Value> & Sendable, _ description: String,
        _ bounds: Constraint...
    ) -> Field {
        let place = Place(path)
        return Field(
            name: name, schema: .of(Value.self, description, bounds), required: false,
            read: { tree, root throws(DecodingIssue) in place.set(try Value(tree: tree), in: &root) },
            write: { root in
                let value = place.get(root)
                return value.isEmpty ? nil : value.tree
            })
    }
}

extension Field {
    /// A string whose absence means empty; written only when it holds something.
    package static func text(
        _ name: String, _ path: any WritableKeyPath<Root, String> & Sendable, _ description: String,
        _ bounds: Constraint...
    ) -> Field {
        let place = Place(path)
        return Field(
            name: name, schema: .of(String.self, description, bounds), required: false,
            read: { tree, root throws(DecodingIssue) in place.set(try String(tree: tree), in: &root) },
            write: { root in
                let value = place.get(root)
                return value.isEmpty ? nil : value.tree
            })
    }

    /// A string that must be there, except where a narrower use of the type takes the field out.
    package static func requiredUnlessNarrowed(
        _ name: String, _ path: any WritableKeyPath<Root, String> & Sendable, _ description: String,
        _ bounds: Constraint...
    ) -> Field {
        let text = Field.text(name, path, description)
        return Field(
            name: name, schema: .of(String.self, description, bounds), required: true, toleratesAbsence: true,
            read: text.read, write: text.write)
    }

    /// A number whose absence means zero; written only when it is another.
    package static func count(
        _ name: String, _ path: any WritableKeyPath<Root, Int> & Sendable, _ description: String,
        _ bounds: Constraint...
    ) -> Field {
        let place = Place(path)
        return Field(
            name: name, schema: .of(Int.self, description, bounds), required: false,
            read: { tree, root throws(DecodingIssue) in place.set(try Int(tree: tree), in: &root) },
            write: { root in
                let value = place.get(root)
                return value == 0 ? nil : value.tree
            })
    }

    /// A field of status: always written, never filled in by a server, read as its initial value where
    /// absent.
    package static func always<Value: FieldValue>(
        _ name: String, _ path: any WritableKeyPath<Root, Value> & Sendable, _ description: String,
        _ bounds: Constraint...
    ) -> Field {
        let place = Place(path)
        return Field(
            name: name, schema: .of(Value.self, description, bounds), required: false,
            read: { tree, root throws(DecodingIssue) in place.set(try Value(tree: tree), in: &root) },
            write: { place.get($0).tree })
    }
}

extension Field where Root: Structured {
    /// A field with a default, which `Root()` holds: shown in the schema and written out by defaulting.
    package static func defaulted<Value: FieldValue>(
        _ name: String, _ path: any WritableKeyPath<Root, Value> & Sendable, _ description: String,
        _ bounds: Constraint...
    ) -> Field {
        let place = Place(path)
        var schema = Schema.of(Value.self, description, bounds)
        schema.defaultValue = Root()[keyPath: path].tree
        return Field(
            name: name, schema: schema, required: false,
            read: { tree, root throws(DecodingIssue) in place.set(try Value(tree: tree), in: &root) },
            write: { place.get($0).tree })
    }
}

extension Schema {
    static func of<Value: FieldValue>(_: Value.Type, _ description: String, _ bounds: [Constraint]) -> Schema {
        var schema = Value.schema
        schema.description = description
        for bound in bounds { bound.apply(&schema) }
        return schema
    }
}
