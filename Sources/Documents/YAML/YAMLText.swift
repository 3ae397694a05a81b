/// What must hold of YAML text before libyaml may read it: valid UTF-8, and no document larger than its
/// limit.
enum YAMLText {
    /// libyaml compares each tag directive with all before it; a file of nothing else would take it hours.
    private static let tagDirectives = 64

    static func check(_ text: UnsafeBufferPointer<UInt8>, limits: Limits) throws(Fault) {
        try InputText.check(text, limits: limits)
        try checkDocumentSizes(text, limits: limits)
        try checkDirectives(text)
    }

    /// A line that begins with `---` or `...` ends a document wherever it stands, inside quotes too, so the
    /// bytes between such lines bound every document's size without parsing. (Breaks other than LF are not
    /// counted here: that only makes a document look larger than it is.)
    private static func checkDocumentSizes(_ text: UnsafeBufferPointer<UInt8>, limits: Limits) throws(Fault) {
        if text.count <= limits.documentBytes { return }
        var start = 0
        var index = -1
        while let next = InputText.firstIndex(of: Ascii.newline, in: text, from: index + 1) {
            index = next
            if !isMarker(text, at: index + 1) { continue }
            try check(from: start, to: index + 1, limits: limits)
            start = index + 1
        }
        try check(from: start, to: text.count, limits: limits)
    }

    private static func isMarker(_ text: UnsafeBufferPointer<UInt8>, at index: Int) -> Bool {
        guard index + 3 <= text.count, text[index] == Ascii.minus || text[index] == Ascii.dot,
            text[index + 1] == text[index], text[index + 2] == text[index]
        else { return false }
        return index + 3 == text.count || text[index + 3] <= Ascii.space
    }

    private static func check(from start: Int, to end: Int, limits: Limits) throws(Fault) {
        if end - start > limits.documentBytes {
            throw Fault(
                .documentTooLarge, at: start + limits.documentBytes,
                "the document has \(end - start) bytes, more than the \(limits.documentBytes) allowed;"
                    + " split it with `---` lines")
        }
    }

    private static func checkDirectives(_ text: UnsafeBufferPointer<UInt8>) throws(Fault) {
        var count = 0
        var index = -1
        while let next = InputText.firstIndex(of: Ascii.percent, in: text, from: index + 1) {
            index = next
            guard index + 1 < text.count, text[index + 1] == UInt8(ascii: "T"), isLineStart(text, index)
            else { continue }
            count += 1
            if count > tagDirectives {
                throw Fault(
                    .unknownTag, at: index,
                    "more than \(tagDirectives) %TAG directives; no resource needs one")
            }
        }
    }

    /// Whether a byte follows a break that libyaml knows: LF, CR, or the last byte of NEL, LS or PS in UTF-8.
    private static func isLineStart(_ text: UnsafeBufferPointer<UInt8>, _ index: Int) -> Bool {
        guard index > 0 else { return true }
        return switch text[index - 1] {
        case Ascii.newline, Ascii.carriageReturn, 0x85, 0xA8, 0xA9: true
        default: false
        }
    }
}
