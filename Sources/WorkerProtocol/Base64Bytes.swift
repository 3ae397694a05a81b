package import Model
package import Tree

/// Bytes in a message, as Base64 with padding (RFC 4648, section 4).
package struct Base64Bytes: FieldValue, Hashable {
    package var bytes: [UInt8]

    package init(_ bytes: [UInt8] = []) { self.bytes = bytes }

    package static var schema: Schema {
        var schema = Schema(.string)
        schema.maxLength = (WireLimits.chunk + 2) / 3 * 4
        return schema
    }

    package init(tree: Tree) throws(DecodingIssue) {
        guard let bytes = Base64.decode(try String(tree: tree)) else {
            throw DecodingIssue(path: [], message: "not Base64 with padding (RFC 4648)")
        }
        self.bytes = bytes
    }
    package var tree: Tree { .string(Base64.encode(bytes)) }
}
