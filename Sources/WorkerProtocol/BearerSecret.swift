package import Model
package import Tree

/// A token or credential on its way between agent and gateway. It never prints.
package struct BearerSecret: FieldValue, Hashable, CustomStringConvertible, CustomDebugStringConvertible,
    CustomReflectable
{
    package let text: String

    package init(_ text: String) { self.text = text }

    package static var schema: Schema {
        var schema = Schema(.string)
        schema.minLength = 1
        schema.maxLength = 512
        return schema
    }
    package init(tree: Tree) throws(DecodingIssue) { text = try String(tree: tree) }
    package var tree: Tree { .string(text) }

    package var description: String { "‹secret›" }
    package var debugDescription: String { description }
    package var customMirror: Mirror { Mirror(self, children: []) }
}
