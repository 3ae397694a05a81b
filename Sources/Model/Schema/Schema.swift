package import Tree

/// What a value may look like: the part of OpenAPI v3 that Kubernetes' structural schemas allow, as data.
/// Validation, defaulting, merging, CRDs and the reference pages all read this one description.
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

    private mutating func change(_ body: (inout Contents) -> Void) {
        var contents = box.contents
        body(&contents)
        box = Box(contents)
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

    package var items: Schema? { itemSchema.first }
    package var values: Schema? { valueSchema.first }
    /// The members with schemas of their own, in the order of their names.
    package var ordered: [Property] { box.contents.ordered }
    /// Whether it or a schema in it has rules.
    package var hasRules: Bool { box.hasRules }
    /// Whether it or a schema in it describes something that is not acted on yet.
    package var hasMarks: Bool { box.hasMarks }
}

// What it says.
extension Schema {
    package var kind: Kind {
        get { box.contents.kind }
        set { change { $0.kind = newValue } }
    }
    package var description: String {
        get { box.contents.description }
        set { change { $0.description = newValue } }
    }
    package var format: String? {
        get { box.contents.format }
        set { change { $0.format = newValue } }
    }
    package var form: TextForm? {
        get { box.contents.form }
        set { change { $0.form = newValue } }
    }
    package var allowed: [String] {
        get { box.contents.allowed }
        set { change { $0.allowed = newValue } }
    }
    package var minimum: Int64? {
        get { box.contents.minimum }
        set { change { $0.minimum = newValue } }
    }
    package var maximum: Int64? {
        get { box.contents.maximum }
        set { change { $0.maximum = newValue } }
    }
    package var minLength: Int? {
        get { box.contents.minLength }
        set { change { $0.minLength = newValue } }
    }
    package var maxLength: Int? {
        get { box.contents.maxLength }
        set { change { $0.maxLength = newValue } }
    }
    package var minItems: Int? {
        get { box.contents.minItems }
        set { change { $0.minItems = newValue } }
    }
    package var maxItems: Int? {
        get { box.contents.maxItems }
        set { change { $0.maxItems = newValue } }
    }
    /// The most members a map with free keys may have.
    package var maxProperties: Int? {
        get { box.contents.maxProperties }
        set { change { $0.maxProperties = newValue } }
    }
    package var defaultValue: Tree? {
        get { box.contents.defaultValue }
        set { change { $0.defaultValue = newValue } }
    }
    /// In the order people read them.
    package var properties: [Property] {
        get { box.contents.properties }
        set { change { $0.properties = newValue } }
    }
    /// The schema of every value of a map with free keys (0 or 1 element).
    package var valueSchema: [Schema] {
        get { box.contents.valueSchema }
        set { change { $0.valueSchema = newValue } }
    }
    /// The schema of every element of an array (0 or 1 element).
    package var itemSchema: [Schema] {
        get { box.contents.itemSchema }
        set { change { $0.itemSchema = newValue } }
    }
    package var listType: ListType {
        get { box.contents.listType }
        set { change { $0.listType = newValue } }
    }
    package var rules: [Rule] {
        get { box.contents.rules }
        set { change { $0.rules = newValue } }
    }
    package var support: Support {
        get { box.contents.support }
        set { change { $0.support = newValue } }
    }
}

extension Schema {
    private struct Contents: Sendable {
        var kind: Kind
        var description = ""
        var format: String?
        var form: TextForm?
        var allowed: [String] = []
        var minimum: Int64?
        var maximum: Int64?
        var minLength: Int?
        var maxLength: Int?
        var minItems: Int?
        var maxItems: Int?
        var maxProperties: Int?
        var defaultValue: Tree?
        var properties: [Property] = [] {
            didSet { ordered = properties.sorted { $0.name < $1.name } }
        }
        private(set) var ordered: [Property] = []
        var valueSchema: [Schema] = []
        var itemSchema: [Schema] = []
        var listType = ListType.atomic
        var rules: [Rule] = []
        var support = Support.full

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
