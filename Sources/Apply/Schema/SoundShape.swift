import Model
import Tree

/// A schema made ready for `SoundWalk`: members by name, their defaults complete, bounds taken out.
final class SoundShape: Sendable {
    struct Member: Sendable {
        let name: String
        let shape: SoundShape
        let isRequired: Bool
        let absence: Absence
        /// Whether an empty value would not be kept as it is.
        let losesEmpty: Bool
    }

    /// What becomes of a member that is missing or null.
    enum Absence: Sendable {
        case stays
        /// Its default takes its place, with the defaults of everything in it.
        case filled(Tree)
        /// It has a default that breaks the schema's own rules.
        case unsound
    }

    /// What tells the elements of a list apart.
    enum Identity: Sendable {
        case none
        case value
        case member(String)
        case members
    }

    let kind: Schema.Kind
    /// In the order of their names.
    let members: [Member]
    /// How many members have a default.
    let fillCount: Int
    let values: SoundShape?
    let items: SoundShape?
    let identity: Identity
    let scalar: ScalarRule
    let minItems: Int
    let maxItems: Int
    let maxProperties: Int
    let rules: [Schema.Rule]
    /// For what is rare, and read from it then.
    let schema: Schema

    init(_ schema: Schema) {
        self.schema = schema
        kind = schema.kind
        members = schema.ordered.map { property in
            let shape = SoundShape(property.schema)
            return Member(
                name: property.name, shape: shape, isRequired: property.required,
                absence: SoundShape.absence(property.schema.defaultValue ?? property.standard, shape),
                losesEmpty: property.presence == .omittedEmpty)
        }
        fillCount = schema.properties.count { $0.schema.defaultValue != nil || $0.standard != nil }
        values = schema.values.map { SoundShape($0) }
        items = schema.items.map { SoundShape($0) }
        identity =
            switch schema.listType {
            case .atomic: .none
            case .set: .value
            case .map(let keys): keys.count == 1 ? .member(keys[0]) : .members
            }
        scalar = ScalarRule(schema)
        minItems = schema.minItems ?? 0
        maxItems = schema.maxItems ?? .max
        maxProperties = schema.maxProperties ?? .max
        rules = schema.rules
    }

    private static func absence(_ standard: Tree?, _ shape: SoundShape) -> Absence {
        guard let standard else { return .stays }
        if standard == .null { return .filled(standard) }
        switch SoundWalk.visit(standard, shape) {
        case .same: return .filled(standard)
        case .changed(let tree): return .filled(tree)
        case .unsound: return .unsound
        }
    }

    /// One for each kind, with its metadata described.
    static func of(_ kind: Kind) -> SoundShape { table[kind] ?? SoundShape(kind.objectSchema) }

    private static let table: [Kind: SoundShape] = Dictionary(
        uniqueKeysWithValues: Kind.allCases.map { ($0, SoundShape($0.objectSchema)) })
}
