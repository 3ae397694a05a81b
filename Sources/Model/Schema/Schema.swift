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
    package var properties: [Property] = []
    /// The schema of every value of a map with free keys (0 or 1 element: a struct can't hold itself).
    package var valueSchema: [Schema] = []
    /// The schema of every element of an array (0 or 1 element).
    package var itemSchema: [Schema] = []
    package var listType = ListType.atomic
    package var rules: [Rule] = []
    package var support = Support.full

    /// Whether the running program acts on the field yet.
    package enum Support: Sendable, Hashable {
        case full
        /// Accepted, stored and shown, with a warning on apply and the condition `PartlySupported`.
        case notYet
        /// As `notYet`, except for these values, which are acted on.
        case notYetUnless([String])
    }

    package init(_ kind: Kind) { self.kind = kind }

    package func property(_ name: String) -> Property? { properties.first { $0.name == name } }
    package var items: Schema? { itemSchema.first }
    package var values: Schema? { valueSchema.first }
}
