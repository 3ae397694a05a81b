import Model
import Tree

/// What a table needs of objects: of twenty thousand tasks little is shown, and the rest is let go page by page.
struct NeededParts {
    private enum Part {
        case whole
        case members(Set<String>)
    }

    /// By the name of a top member.
    private var parts: [String: Part] = ["kind": .whole]

    init(_ kind: Kind, wide: Bool) {
        for name in ["name", "namespace", "labels"] { need("metadata", name) }
        for name in Tree.partsUnderWay { need("status", name) }
        for column in kind.columns where wide || column.priority == 0 {
            let names = JSONPath(column.path)?.leadingMembers ?? []
            guard let first = names.first else { continue }
            if names.count > 1 { need(first, names[1]) } else { parts[first] = .whole }
        }
    }

    private mutating func need(_ top: String, _ name: String) {
        switch parts[top] {
        case nil: parts[top] = .members([name])
        case .members(let names): parts[top] = .members(names.union([name]))
        case .whole: break
        }
    }

    func of(_ object: Tree) -> Tree {
        guard case .object(let members) = object else { return object }
        return .object(
            Members(
                ascending: members.compactMap { member in
                    guard let part = parts[member.key] else { return nil }
                    guard case .members(let names) = part, case .object(let below) = member.value else { return member }
                    return Members.Member(
                        key: member.key,
                        value: .object(Members(ascending: below.filter { names.contains($0.key) })))
                }))
    }
}
