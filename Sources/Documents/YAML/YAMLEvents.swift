import CYAML

/// libyaml's parser over bytes in memory, as a stream of events. The current event lives until the next is
/// read.
///
/// The bytes must outlive this value, and `InputText` must have found them to be UTF-8.
struct YAMLEvents: ~Copyable {
    enum Kind {
        case streamStart, streamEnd, documentStart, documentEnd, alias, scalar, sequenceStart, sequenceEnd,
            mappingStart
        case mappingEnd
    }

    private let text: UnsafeBufferPointer<UInt8>
    private let parser: UnsafeMutablePointer<yaml_parser_t>
    private let event: UnsafeMutablePointer<yaml_event_t>
    private var isInitialized: Bool
    private(set) var kind = Kind.streamStart

    init(_ text: UnsafeBufferPointer<UInt8>) {
        self.text = text
        parser = .allocate(capacity: 1)
        parser.initialize(to: yaml_parser_t())
        event = .allocate(capacity: 1)
        event.initialize(to: yaml_event_t())
        isInitialized = yaml_parser_initialize(parser) == 1
        if isInitialized {
            yaml_parser_set_encoding(parser, YAML_UTF8_ENCODING)
            yaml_parser_set_input_string(parser, text.baseAddress, text.count)
        }
    }

    deinit {
        if isInitialized {
            yaml_event_delete(event)
            yaml_parser_delete(parser)
        }
        event.deallocate()
        parser.deallocate()
    }

    mutating func next() throws(Fault) {
        guard isInitialized else { throw Fault(.syntax, at: 0, "out of memory while reading YAML") }
        yaml_event_delete(event)
        guard yaml_parser_parse(parser, event) == 1 else { throw fault() }
        switch event.pointee.type {
        case YAML_SCALAR_EVENT: kind = .scalar
        case YAML_ALIAS_EVENT: kind = .alias
        case YAML_MAPPING_START_EVENT: kind = .mappingStart
        case YAML_MAPPING_END_EVENT: kind = .mappingEnd
        case YAML_SEQUENCE_START_EVENT: kind = .sequenceStart
        case YAML_SEQUENCE_END_EVENT: kind = .sequenceEnd
        case YAML_DOCUMENT_START_EVENT: kind = .documentStart
        case YAML_DOCUMENT_END_EVENT: kind = .documentEnd
        case YAML_STREAM_START_EVENT: kind = .streamStart
        default: kind = .streamEnd
        }
    }

    /// Where the current event begins.
    var position: Position { Position(event.pointee.start_mark) }

    /// The same, as one number that grows along the text.
    var mark: MemberStack.Mark {
        UInt64(truncatingIfNeeded: event.pointee.start_mark.line) << 32
            | UInt64(UInt32(truncatingIfNeeded: event.pointee.start_mark.column))
    }

    /// The text of a scalar.
    var scalar: UnsafeBufferPointer<UInt8> {
        UnsafeBufferPointer(start: event.pointee.data.scalar.value, count: event.pointee.data.scalar.length)
    }

    /// Whether a scalar was written without quotes and not as a block.
    var isPlain: Bool { event.pointee.data.scalar.style == YAML_PLAIN_SCALAR_STYLE }

    /// Whether the current event, the first of a document, is also all there is in it.
    var isEmptyDocument: Bool { kind == .scalar && isPlain && scalar.isEmpty && !hasTag && !hasAnchor }

    var hasAnchor: Bool { anchorPointer != nil }
    var hasTag: Bool { tagPointer != nil }

    /// The name of a node's anchor, or the name that an alias refers to.
    var anchor: String? { anchorPointer.map { String(cString: $0) } }
    var tag: String? { tagPointer.map { String(cString: $0) } }

    private var anchorPointer: UnsafeMutablePointer<UInt8>? {
        switch kind {
        case .scalar: event.pointee.data.scalar.anchor
        case .alias: event.pointee.data.alias.anchor
        case .mappingStart: event.pointee.data.mapping_start.anchor
        case .sequenceStart: event.pointee.data.sequence_start.anchor
        default: nil
        }
    }

    private var tagPointer: UnsafeMutablePointer<UInt8>? {
        switch kind {
        case .scalar: event.pointee.data.scalar.tag
        case .mappingStart: event.pointee.data.mapping_start.tag
        case .sequenceStart: event.pointee.data.sequence_start.tag
        default: nil
        }
    }
}

// MARK: - Errors

extension YAMLEvents {
    private func fault() -> Fault {
        let problem = parser.pointee.problem.map { String(cString: $0) } ?? "it can't be read"
        switch parser.pointee.error {
        case YAML_MEMORY_ERROR: return Fault(.syntax, at: 0, "out of memory while reading YAML")
        case YAML_READER_ERROR:
            let code = String(
                UInt32(truncatingIfNeeded: parser.pointee.problem_value), radix: 16, uppercase: true)
            return Fault(
                .badCharacter, at: Position(of: parser.pointee.problem_offset, in: text),
                "\(problem) (U+\(code)); remove it, or write it as an escape in double quotes")
        default: break
        }
        let position = Position(parser.pointee.problem_mark)
        var message = problem
        if let context = parser.pointee.context {
            message += " \(String(cString: context))"
            let begun = Position(parser.pointee.context_mark)
            if begun.line != position.line { message += " that began on line \(begun.line)" }
        }
        if let advice = advice(for: problem) { message += "; \(advice)" }
        return Fault(problem.hasPrefix("found undefined tag") ? .unknownTag : .syntax, at: position, message)
    }

    private func advice(for problem: String) -> String? {
        switch problem {
        case "found character that cannot start any token":
            byteAtProblem() == Ascii.tab
                ? "YAML is indented with spaces: replace the tab"
                : "quote the value if it begins with this character"
        case "mapping values are not allowed in this context":
            "quote the value if it contains `: `, or begin the object on a line of its own"
        case "did not find expected key", "did not find expected '-' indicator":
            "check this line's indentation against the lines above"
        case "could not find expected ':'":
            "a key is followed by `: `; check the quotes and indentation above"
        case "did not find expected ',' or ']'", "did not find expected ',' or '}'":
            "add the comma or close the bracket"
        case "found unexpected end of stream": "close the quote"
        case "found unexpected document indicator": "close the quote before the `---`"
        case "did not find expected <document start>": "put a `---` line before a second document"
        case let text where text.contains("tab character"): "YAML is indented with spaces: replace the tab"
        case let text where text.contains("escape"): "use single quotes if the backslash is meant as it is"
        default: nil
        }
    }

    private func byteAtProblem() -> UInt8? {
        let target = Position(parser.pointee.problem_mark)
        var line = 1
        var lineStart = 0
        for index in text.indices where line < target.line && text[index] == Ascii.newline {
            line += 1
            lineStart = index + 1
        }
        let offset = lineStart + target.column - 1
        return text.indices.contains(offset) ? text[offset] : nil
    }
}

extension Position {
    fileprivate init(_ mark: yaml_mark_t) {
        self.init(line: Int(clamping: mark.line) + 1, column: Int(clamping: mark.column) + 1)
    }
}
