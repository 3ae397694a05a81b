package import Tree

/// JSON text (RFC 8259), strictly: one value, no comments, no trailing commas, no repeated keys, valid UTF-8.
/// A byte order mark at the start is passed over.
package enum JSON {
    package static func parse(
        _ bytes: [UInt8], source: SourceName = "", limits: Limits = .manifest
    ) throws(DocumentError) -> Tree {
        try bytes.withUnsafeBufferPointer { (buffer) throws(DocumentError) in
            let text = InputText.afterByteOrderMark(buffer)
            do throws(Fault) {
                try InputText.check(text, limits: limits)
                return try JSONParser.parse(text, limits: limits)
            } catch {
                throw error.located(in: text, source: source)
            }
        }
    }

    package static func parse(
        _ text: String, source: SourceName = "", limits: Limits = .manifest
    ) throws(DocumentError) -> Tree {
        try parse(Array(text.utf8), source: source, limits: limits)
    }

    /// Canonical text: no white space, members in key order, only the escapes that JSON demands. Equal trees
    /// give equal bytes, and parsing them gives an equal tree. A fraction that JSON has no word for
    /// (infinite, not a number) is null.
    package static func encode(_ tree: Tree) -> [UInt8] {
        var writer = JSONWriter(indent: nil)
        writer.write(tree, depth: 0)
        return writer.bytes
    }

    package static func encode(_ tree: Tree, into bytes: inout [UInt8]) {
        var writer = JSONWriter(indent: nil)
        swap(&writer.bytes, &bytes)
        writer.write(tree, depth: 0)
        swap(&writer.bytes, &bytes)
    }

    package static func text(_ tree: Tree) -> String { String(decoding: encode(tree), as: UTF8.self) }

    /// Text for people, as kubectl's `-o json` prints it: four spaces a level, a newline at the end.
    package static func pretty(_ tree: Tree) -> String {
        var writer = JSONWriter(indent: 4)
        writer.write(tree, depth: 0)
        writer.bytes.append(Ascii.newline)
        return String(decoding: writer.bytes, as: UTF8.self)
    }
}
