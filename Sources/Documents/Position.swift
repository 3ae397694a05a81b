/// A place in a text file: line and column, both from 1, the column counted in Unicode scalars as editors do.
package struct Position: Sendable, Hashable, Comparable, CustomStringConvertible {
    package var line: Int
    package var column: Int

    package init(line: Int, column: Int) {
        self.line = line
        self.column = column
    }

    package var description: String { "\(line):\(column)" }

    package static func < (a: Position, b: Position) -> Bool { (a.line, a.column) < (b.line, b.column) }
}

extension Position {
    /// The place of a byte. Lines end with LF, CR LF or a lone CR. A walk from the start: only errors ask for
    /// it.
    init(of offset: Int, in bytes: UnsafeBufferPointer<UInt8>) {
        var line = 1
        var column = 1
        var index = 0
        while index < min(offset, bytes.count) {
            let byte = bytes[index]
            let crlf =
                byte == Ascii.carriageReturn && index + 1 < bytes.count && bytes[index + 1] == Ascii.newline
            if byte == Ascii.newline || (byte == Ascii.carriageReturn && !crlf) {
                line += 1
                column = 1
            } else if byte & 0xC0 != 0x80 {
                column += 1
            }
            index += 1
        }
        self.init(line: line, column: column)
    }
}
