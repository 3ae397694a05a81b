package import Tree

/// Finds where a value stands in a text that was parsed before. Trees carry no positions; whoever has an
/// error to report pays for a second parse.
package enum Positions {
    /// Which end of a member is asked for: its key for an unknown field, its value for a wrong one.
    package enum Part: Sendable, Hashable {
        case key
        case value
    }

    /// The place of a path in the document with that index (see `Document.index`), or, where the path leads
    /// nowhere, of its nearest parent there is. Nil if the text has no such document or does not parse.
    package static func locate(
        _ path: FieldPath, part: Part = .value, in bytes: [UInt8], document index: Int = 0,
        limits: Limits = .manifest
    ) -> Position? {
        guard let outline = outline(of: index, in: bytes, limits: limits) else { return nil }
        return outline.locate(path, part)
    }

    private static func outline(of index: Int, in bytes: [UInt8], limits: Limits) -> Outline? {
        bytes.withUnsafeBufferPointer { buffer in
            let text = InputText.afterByteOrderMark(buffer)
            if Documents.looksLikeJSON(bytes), index == 0,
                // try?: what has no outline has no positions; its error was said before.
                let outline = try? JSONOutline.parse(text, limits: limits)
            {
                return outline
            }
            // try?: as above.
            return try? YAMLOutline.parse(text, document: index, limits: limits)
        }
    }
}
