import Tree

/// The tags that have a meaning here: those of JSON's types. All others are errors.
enum YAMLTag {
    enum Kind: String {
        case string = "str"
        case integer = "int"
        case float
        case boolean = "bool"
        case null
        case mapping = "map"
        case sequence = "seq"
    }

    private static let prefix = "tag:yaml.org,2002:"

    /// The value of a tagged scalar.
    static func resolve(_ events: borrowing YAMLEvents) throws(Fault) -> Tree {
        let kind = try kind(events)
        if kind == .string { return .string(String(decoding: events.scalar, as: UTF8.self)) }
        switch (kind, try PlainScalar.tree(events)) {
        case (.integer, .int(let value)): return .int(value)
        case (.integer, .double(let value)) where PlainScalar.isHuge(events.scalar, value):
            return .double(value)
        case (.float, .int(let value)): return .double(Double(value))
        case (.float, .double(let value)): return .double(value)
        case (.boolean, .bool(let value)): return .bool(value)
        case (.null, .null): return .null
        default: throw mismatch(events, kind)
        }
    }

    /// Holds a tag that says no more than the syntax does.
    static func check(_ events: borrowing YAMLEvents, isA expected: Kind) throws(Fault) {
        if events.tag == "!" { return }
        let kind = try kind(events)
        if kind != expected { throw mismatch(events, kind) }
    }

    private static func kind(_ events: borrowing YAMLEvents) throws(Fault) -> Kind {
        let tag = events.tag ?? ""
        if tag == "!" { return .string }
        if tag.hasPrefix(prefix), let kind = Kind(rawValue: String(tag.dropFirst(prefix.count))) {
            return kind
        }
        throw Fault(
            .unknownTag, at: events.position,
            "the tag \(quoted(shortened(tag))) has no meaning here; remove it"
                + " (known are !!str !!int !!float !!bool !!null !!map !!seq)")
    }

    private static func shortened(_ tag: String) -> String {
        tag.hasPrefix(prefix) ? "!!" + tag.dropFirst(prefix.count) : tag
    }

    private static func mismatch(_ events: borrowing YAMLEvents, _ kind: Kind) -> Fault {
        Fault(
            .tagMismatch, at: events.position,
            "the value is not what its tag !!\(kind.rawValue) says; change one of them")
    }
}
