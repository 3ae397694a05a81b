import Tree

/// Builds trees from libyaml's events, under the limits: a node is counted before it is built, and depth is
/// checked before each recursion.
struct YAMLBuilder: ~Copyable {
    /// What an anchor stands for. `tree` is nil while the anchored node is still open: an alias inside it
    /// would have no end.
    struct Anchor {
        var tree: Tree?
        var nodes: Int
        var levels: Int
    }

    private var events: YAMLEvents
    private let source: SourceName
    private let limits: Limits
    private var nodes = 0
    private var aliasNodes = 0
    private var deepest = 0
    private var anchors: [String: Anchor] = [:]
    private var items = ValueStack<Tree>()
    private var members = MemberStack()
    private var keys = KeyCache()

    init(_ events: consuming YAMLEvents, source: SourceName, limits: Limits) {
        self.events = events
        self.source = source
        self.limits = limits
    }

    mutating func documents() throws(Fault) -> [Document] {
        var documents: [Document] = []
        var count = 0
        while true {
            try events.next()
            switch events.kind {
            case .documentStart:
                count += 1
                if count > limits.documents {
                    throw Fault(
                        .tooManyDocuments, at: events.position,
                        "the input has more than \(limits.documents) documents; split it into several files")
                }
                if let (tree, line) = try document() {
                    documents.append(Document(tree: tree, source: source, index: documents.count, line: line))
                }
            case .streamEnd: return documents
            default: break
            }
        }
    }

    /// Nil for an empty document.
    private mutating func document() throws(Fault) -> (Tree, Int)? {
        nodes = 0
        aliasNodes = 0
        anchors.removeAll(keepingCapacity: true)
        try events.next()
        let line = events.position.line
        let isEmpty = events.isEmptyDocument
        let tree = try node(depth: 0)
        return isEmpty ? nil : (tree, line)
    }

    /// The node that begins with the current event; afterwards the current event is its last.
    private mutating func node(depth: Int) throws(Fault) -> Tree {
        nodes += 1
        if nodes > limits.nodes { throw Fault.tooManyNodes(limits.nodes, at: .position(events.position)) }
        guard events.hasAnchor else { return try content(depth: depth) }
        if events.kind == .alias { return try alias(depth: depth) }
        let name = events.anchor ?? ""
        anchors[name] = Anchor(tree: nil, nodes: 0, levels: 0)
        let before = nodes
        let outerDeepest = deepest
        deepest = depth
        let tree = try content(depth: depth)
        anchors[name] = Anchor(tree: tree, nodes: nodes - before + 1, levels: deepest - depth)
        deepest = max(deepest, outerDeepest)
        return tree
    }

    private mutating func content(depth: Int) throws(Fault) -> Tree {
        switch events.kind {
        case .mappingStart: try mapping(depth: depth)
        case .sequenceStart: try sequence(depth: depth)
        default: try scalar()
        }
    }

    private mutating func scalar() throws(Fault) -> Tree {
        try checkScalarSize()
        if events.hasTag { return try YAMLTag.resolve(events) }
        guard events.isPlain else { return .string(String(decoding: events.scalar, as: UTF8.self)) }
        return try PlainScalar.tree(events)
    }

    private mutating func sequence(depth: Int) throws(Fault) -> Tree {
        try enter(depth, kind: .sequence)
        let start = items.height
        while true {
            try events.next()
            if events.kind == .sequenceEnd { break }
            items.push(try node(depth: depth + 1))
        }
        return .array(items.pop(from: start))
    }

    private mutating func mapping(depth: Int) throws(Fault) -> Tree {
        try enter(depth, kind: .mapping)
        let start = members.height
        while true {
            try events.next()
            if events.kind == .mappingEnd { break }
            let mark = events.mark
            let key = try key()
            try events.next()
            members.push(key, try node(depth: depth + 1), mark: mark)
        }
        do {
            return .object(try members.popObject(from: start))
        } catch {
            let position = Position(
                line: Int(error.mark >> 32) + 1, column: Int(error.mark & 0xFFFF_FFFF) + 1)
            throw Fault.duplicateKey(error.key, at: .position(position))
        }
    }

    private mutating func enter(_ depth: Int, kind: YAMLTag.Kind) throws(Fault) {
        if depth >= limits.depth { throw Fault.tooDeep(limits.depth, at: .position(events.position)) }
        if events.hasTag { try YAMLTag.check(events, isA: kind) }
        deepest = max(deepest, depth + 1)
    }

    private func checkScalarSize() throws(Fault) {
        if events.scalar.count > limits.scalarBytes {
            throw Fault.scalarTooLarge(limits.scalarBytes, at: .position(events.position))
        }
    }
}

// MARK: - Keys and aliases

extension YAMLBuilder {
    /// A key is text, whatever it would mean as a value: `on`, `1.10` and `"on"` name members called so.
    private mutating func key() throws(Fault) -> String {
        switch events.kind {
        case .scalar: break
        case .alias:
            nodes += 1
            if case .string(let key) = try alias(depth: 0) { return key }
            throw badKey("a key must be a string, and this alias stands for something else")
        default:
            throw badKey(
                "a key must be a string, not an object or an array; quote it if it begins with a bracket")
        }
        try checkScalarSize()
        let key = keys.string(events.scalar)
        if events.isPlain && !events.hasTag {
            if key == "<<" {
                throw Fault(
                    .mergeKey, at: events.position,
                    "merge keys (`<<`) are not supported: they hide what an object holds; write its members out"
                )
            }
            if key.isEmpty { throw badKey("a key is missing before the `:`; an empty key is written \"\"") }
        }
        if events.hasTag { try YAMLTag.check(events, isA: .string) }
        if let anchor = events.anchor { anchors[anchor] = Anchor(tree: .string(key), nodes: 1, levels: 0) }
        return key
    }

    private func badKey(_ message: String) -> Fault { Fault(.badKey, at: events.position, message) }

    private mutating func alias(depth: Int) throws(Fault) -> Tree {
        let name = events.anchor ?? ""
        guard let anchor = anchors[name] else {
            throw Fault(
                .undefinedAlias, at: events.position,
                "no anchor &\(name) comes before this alias; define it, or quote a value that begins with *"
            )
        }
        guard let tree = anchor.tree else {
            throw Fault(
                .undefinedAlias, at: events.position,
                "the alias *\(name) stands inside the value that it repeats")
        }
        aliasNodes += anchor.nodes
        nodes += anchor.nodes - 1
        if aliasNodes > limits.aliasNodes {
            throw Fault(
                .aliasExpansion, at: events.position,
                "this document's aliases repeat more than \(limits.aliasNodes) values; use fewer of them"
            )
        }
        if nodes > limits.nodes { throw Fault.tooManyNodes(limits.nodes, at: .position(events.position)) }
        if depth + anchor.levels > limits.depth {
            throw Fault.tooDeep(limits.depth, at: .position(events.position))
        }
        deepest = max(deepest, depth + anchor.levels)
        return tree
    }
}
