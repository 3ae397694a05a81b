package import Tree

/// What a value may look like: the part of OpenAPI v3 that Kubernetes' structural schemas allow, as data.
/// Validation, defaulting, merging, CRDs and the reference pages all read this one description.
@dynamicMemberLookup
package struct Schema: Sendable {
    package enum Kind: String, Sendable {
        case object, array, string, integer, boolean
        /// `x-kubernetes-int-or-string`: money and quantities.
        case intOrString
        /// Anything at all, kept as it is (`x-kubernetes-preserve-unknown-fields`).
        case any
    }

    /// How server-side apply and strategic defaults treat a list.
    package enum ListType: Sendable, Hashable {
        case atomic
        case set
        case map(keys: [String])
    }

    /// A member of an object.
    package struct Property: Sendable {
        package let name: String
        package let schema: Schema
        package let required: Bool
        /// Its number in protobuf bodies of Kubernetes' own kinds; 0 where there are none.
        package var number = 0
        package var presence = Presence.asWritten

        package init(
            name: String, schema: Schema, required: Bool, number: Int = 0, presence: Presence = .asWritten
        ) {
            self.name = name
            self.schema = schema
            self.required = required
            self.number = number
            self.presence = presence
        }

        /// What stands for the member where it is absent; nil where absence means something.
        package var standard: Tree? { if case .always(let value) = presence { value } else { nil } }
    }

    /// What becomes of a member that is written empty, or not at all.
    package enum Presence: Sendable, Hashable {
        /// It stays as it was written: our own kinds.
        case asWritten
        /// Empty means absent: `omitempty` of a Go struct.
        case omittedEmpty
        /// Empty and absent differ: a pointer of a Go struct.
        case kept
        /// It is always there: a struct of a Go struct, or a member without `omitempty`.
        case always(Tree)
    }

    /// A rule over the whole value: its CEL text for a real API server, and the same law in Swift for
    /// everything else.
    package struct Rule: Sendable {
        package let cel: String
        package let message: String
        /// Given the value and, on update, the old one; true where the law holds.
        package let holds: @Sendable (Tree, Tree?) -> Bool

        package init(_ cel: String, _ message: String, holds: @escaping @Sendable (Tree, Tree?) -> Bool) {
            self.cel = cel
            self.message = message
            self.holds = holds
        }
    }

    /// A text form that a pattern alone describes badly: what a valid one is called, and how to tell.
    package struct TextForm: Sendable {
        package let name: String
        package let pattern: String
        package let accepts: @Sendable (String) -> Bool
    }

    /// Shared by all copies: every walk hands schemas about at every step.
    private var box: Box

    /// Whether the running program acts on the field yet.
    package enum Support: Sendable, Hashable {
        case full
        /// Accepted, stored and shown, with a warning on apply and the condition `PartlySupported`.
        case notYet
        /// As `notYet`, except for these values, which are acted on.
        case notYetUnless([String])
    }

    package init(_ kind: Kind) { box = Box(Contents(kind: kind)) }

    package var contents: Contents { box.contents }

    /// What it says.
    package subscript<Value>(dynamicMember member: WritableKeyPath<Contents, Value>) -> Value {
        get { contents[keyPath: member] }
        set {
            var contents = contents
            contents[keyPath: member] = newValue
            box = Box(contents)
        }
    }

    package func property(_ name: String) -> Property? {
        let ordered = box.contents.ordered
        var low = 0
        var high = ordered.count
        while low < high {
            let middle = (low + high) / 2
            if ordered[middle].name == name { return ordered[middle] }
            if ordered[middle].name < name { low = middle + 1 } else { high = middle }
        }
        return nil
    }

    package var items: Schema? { box.contents.itemSchema.first }
    package var values: Schema? { box.contents.valueSchema.first }
    /// The members with schemas of their own, in the order of their names.
    package var ordered: [Property] { box.contents.ordered }
    /// Whether it or a schema in it has rules.
    package var hasRules: Bool { box.hasRules }
    /// Whether it or a schema in it describes something that is not acted on yet.
    package var hasMarks: Bool { box.hasMarks }
}

extension Schema {
    package struct Contents: Sendable {
        package var kind: Kind
        package var description = ""
        package var format: String?
        package var form: TextForm?
        package var allowed: [String] = []
        package var minimum: Int64?
        package var maximum: Int64?
        package var minLength: Int?
        package var maxLength: Int?
        package var minItems: Int?
        package var maxItems: Int?
        /// The most members a map with free keys may have.
        package var maxProperties: Int?
        package var defaultValue: Tree?
        /// In the order people read them.
        package var properties: [Property] = [] {
            didSet { ordered = properties.sorted { $0.name < $1.name } }
        }
        /// The members with schemas of their own, in the order of their names.
        package private(set) var ordered: [Property] = []
        /// The schema of every value of a map with free keys (0 or 1 element).
        package var valueSchema: [Schema] = []
        /// The schema of every element of an array (0 or 1 element).
        package var itemSchema: [Schema] = []
        package var listType = ListType.atomic
        package var rules: [Rule] = []
        package var support = Support.full
        /// Of an object: it has one owner and is replaced as a whole (`x-kubernetes-map-type: atomic`).
        package var isAtomic = false
        /// What Go calls the type, as errors of Kubernetes name it.
        package var structName = ""
        /// Of a time: with exactly six digits of a second, as Kubernetes' MicroTime.
        package var isMicroTime = false

        init(kind: Kind) { self.kind = kind }
    }

    private final class Box: Sendable {
        let contents: Contents
        let hasRules: Bool
        let hasMarks: Bool

        init(_ contents: Contents) {
            let below = contents.properties.lazy.map(\.schema)
            self.contents = contents
            hasRules =
                !contents.rules.isEmpty || below.contains(where: \.hasRules)
                || contents.itemSchema.contains(where: \.hasRules)
                || contents.valueSchema.contains(where: \.hasRules)
            hasMarks =
                contents.support != .full || below.contains(where: \.hasMarks)
                || contents.itemSchema.contains(where: \.hasMarks)
                || contents.valueSchema.contains(where: \.hasMarks)
        }
    }
}
