/// The outline of one document of a YAML stream that `YAML.parse` has accepted under the same limits.
struct YAMLOutline: ~Copyable {
    private var events: YAMLEvents
    private let limits: Limits
    private var nodes = 0
    private var anchors: [String: Outline] = [:]
    private var keyAnchors: [String: String] = [:]

    static func parse(
        _ text: UnsafeBufferPointer<UInt8>, document wanted: Int, limits: Limits
    ) throws(Fault) -> Outline? {
        try YAMLText.check(text, limits: limits)
        var parser = YAMLOutline(YAMLEvents(text), limits: limits)
        return try parser.document(wanted)
    }

    private init(_ events: consuming YAMLEvents, limits: Limits) {
        self.events = events
        self.limits = limits
    }

    private mutating func document(_ wanted: Int) throws(Fault) -> Outline? {
        var index = 0
        while events.kind != .streamEnd {
            try events.next()
            guard events.kind == .documentStart else { continue }
            nodes = 0
            anchors = [:]
            keyAnchors = [:]
            try events.next()
            if events.isEmptyDocument { continue }
            let outline = try node(depth: 0)
            if index == wanted { return outline }
            index += 1
        }
        return nil
    }

    private mutating func node(depth: Int) throws(Fault) -> Outline {
        nodes += 1
        if nodes > limits.nodes { throw Fault.tooManyNodes(limits.nodes, at: .position(events.position)) }
        if depth > limits.depth { throw Fault.tooDeep(limits.depth, at: .position(events.position)) }
        var outline = Outline(position: events.position)
        let anchor = events.anchor
        switch events.kind {
        case .alias:
            if let anchor, let target = anchors[anchor] {
                outline.fields = target.fields
                outline.items = target.items
            }
            return outline
        case .sequenceStart:
            try events.next()
            while events.kind != .sequenceEnd {
                outline.items.append(try node(depth: depth + 1))
                try events.next()
            }
        case .mappingStart:
            try events.next()
            while events.kind != .mappingEnd {
                let position = events.position
                let key = key()
                try events.next()
                outline.fields.append(
                    Outline.Field(key: key, position: position, value: try node(depth: depth + 1)))
                try events.next()
            }
        default: if let anchor { keyAnchors[anchor] = String(decoding: events.scalar, as: UTF8.self) }
        }
        if let anchor { anchors[anchor] = outline }
        return outline
    }

    private mutating func key() -> String {
        guard events.kind == .scalar else { return events.anchor.flatMap { keyAnchors[$0] } ?? "" }
        let key = String(decoding: events.scalar, as: UTF8.self)
        if let anchor = events.anchor { keyAnchors[anchor] = key }
        return key
    }
}
