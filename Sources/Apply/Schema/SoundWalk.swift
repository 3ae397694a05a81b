import Model
import Tree

/// One walk that writes a schema's defaults into a tree and tells whether everything about the result is right: no
/// unknown member, every type, bound, form and rule kept, no key twice. Nearly all that is written is right, and pays
/// for this walk alone.
///
/// It says no word about what is wrong: `UnknownFields`, `Defaulting` and `Validation` do, one by one, for a tree that
/// is unsound. Law: a tree is sound exactly when none of them has an error, and then its result is `Defaulting`'s.
/// (What is unusual may count as unsound: that costs time, nothing else.)
enum SoundWalk {
    enum Verdict {
        case unsound
        /// Sound as it is.
        case same
        /// Sound with its defaults.
        case changed(Tree)
    }

    static func visit(_ tree: Tree, _ shape: SoundShape) -> Verdict {
        let verdict: Verdict
        switch (shape.kind, tree) {
        case (.object, .object(let members)): verdict = object(members, shape)
        case (.array, .array(let items)): verdict = array(items, shape)
        case (.string, .string(let text)), (.intOrString, .string(let text)):
            verdict = shape.scalar.problem(text, canonical: true) == nil ? .same : .unsound
        case (.integer, .int(let number)): verdict = shape.scalar.problem(number) == nil ? .same : .unsound
        case (.intOrString, .int(let number)):
            let problem = shape.scalar.problem(number) ?? shape.scalar.formProblem(number)
            verdict = problem == nil ? .same : .unsound
        case (.boolean, .bool), (.any, _): verdict = .same
        default: verdict = .unsound
        }
        return shape.rules.isEmpty ? verdict : judge(verdict, tree, shape.rules)
    }

    private static func judge(_ verdict: Verdict, _ tree: Tree, _ rules: [Schema.Rule]) -> Verdict {
        let result: Tree
        switch verdict {
        case .unsound: return .unsound
        case .same: result = tree
        case .changed(let changed): result = changed
        }
        return rules.allSatisfy { $0.holds(result, nil) } ? verdict : .unsound
    }

    // MARK: - Objects

    /// Members and their schemas are both in order: one pass over the two.
    private static func object(_ members: Members, _ shape: SoundShape) -> Verdict {
        var result = Rebuilding<Members.Member>(members.elements, room: shape.fillCount)
        let wanted = shape.members
        var next = 0
        for member in members.elements {
            while next < wanted.count, wanted[next].name != member.key, wanted[next].name < member.key {
                guard fill(wanted[next], &result) else { return .unsound }
                next += 1
            }
            if next < wanted.count, wanted[next].name == member.key {
                if wanted[next].losesEmpty, member.value.isEmptyValue { return .unsound }
                if member.value == .null {
                    result.drop()
                    guard fill(wanted[next], &result) else { return .unsound }
                } else {
                    switch visit(member.value, wanted[next].shape) {
                    case .unsound: return .unsound
                    case .same: result.keep(member)
                    case .changed(let tree): result.replace(Members.Member(key: member.key, value: tree))
                    }
                }
                next += 1
            } else {
                guard let values = shape.values else { return .unsound }
                switch visit(member.value, values) {
                case .unsound: return .unsound
                case .same: result.keep(member)
                case .changed(let tree): result.replace(Members.Member(key: member.key, value: tree))
                }
            }
        }
        while next < wanted.count {
            guard fill(wanted[next], &result) else { return .unsound }
            next += 1
        }
        if shape.values != nil, result.count > shape.maxProperties { return .unsound }
        return result.isChanged ? .changed(.object(Members(ascending: result.elements))) : .same
    }

    private static func fill(_ member: SoundShape.Member, _ result: inout Rebuilding<Members.Member>) -> Bool {
        switch member.absence {
        case .stays: return !member.isRequired
        case .filled(let tree):
            result.add(Members.Member(key: member.name, value: tree))
            return true
        case .unsound: return false
        }
    }

    // MARK: - Lists

    private static func array(_ items: [Tree], _ shape: SoundShape) -> Verdict {
        guard items.count <= shape.maxItems, items.count >= shape.minItems else { return .unsound }
        guard let inner = shape.items else { return .same }
        var result = Rebuilding<Tree>(items, room: 0)
        for item in items {
            switch visit(item, inner) {
            case .unsound: return .unsound
            case .same: result.keep(item)
            case .changed(let tree): result.replace(tree)
            }
        }
        guard areDistinct(result.elements, shape) else { return .unsound }
        return result.isChanged ? .changed(.array(result.elements)) : .same
    }

    private static func areDistinct(_ items: [Tree], _ shape: SoundShape) -> Bool {
        if items.count < 2 { return true }
        switch shape.identity {
        case .none: return true
        case .value: return areDistinct(items) { $0 }
        case .member(let name): return areDistinct(items) { $0[name] }
        case .members: return areDistinctElements(items, shape)
        }
    }

    /// Whether no two have the same text. What is no text counts as if it were there twice.
    private static func areDistinct(_ items: [Tree], _ identity: (Tree) -> Tree?) -> Bool {
        var texts: [String] = []
        texts.reserveCapacity(items.count)
        for item in items {
            guard case .string(let text)? = identity(item) else { return false }
            texts.append(text)
        }
        if texts.count > 8 { return Set(texts).count == texts.count }
        for index in 1..<texts.count where texts[..<index].contains(texts[index]) { return false }
        return true
    }

    private static func areDistinctElements(_ items: [Tree], _ shape: SoundShape) -> Bool {
        guard let inner = shape.schema.items else { return true }
        var seen: Set<FieldSet.Element> = []
        return items.allSatisfy { item in
            FieldSet.Element(item: item, listType: shape.schema.listType, items: inner).map { seen.insert($0).inserted }
                ?? true
        }
    }
}

/// A collection that is walked from its beginning and may be changed on the way: copied only from the first change on.
private struct Rebuilding<Element> {
    private let original: [Element]
    private let room: Int
    private var rebuilt: [Element] = []
    private(set) var isChanged = false
    /// Of the original, how many were passed.
    private var passed = 0

    init(_ original: [Element], room: Int) {
        self.original = original
        self.room = room
    }

    var count: Int { isChanged ? rebuilt.count : original.count }
    var elements: [Element] { isChanged ? rebuilt : original }

    mutating func keep(_ element: Element) {
        if isChanged { rebuilt.append(element) }
        passed += 1
    }

    mutating func replace(_ element: Element) {
        change()
        rebuilt.append(element)
        passed += 1
    }

    mutating func drop() {
        change()
        passed += 1
    }

    mutating func add(_ element: Element) {
        change()
        rebuilt.append(element)
    }

    private mutating func change() {
        if isChanged { return }
        isChanged = true
        rebuilt.reserveCapacity(original.count + room)
        rebuilt.append(contentsOf: original[..<passed])
    }
}
