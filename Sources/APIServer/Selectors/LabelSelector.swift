import Model

/// A selector of labels: requirements that must all hold (apimachinery, pkg/labels/selector.go).
struct LabelSelector: Sendable {
    enum Requirement: Sendable, Hashable {
        case among(String, Set<String>)
        case notAmong(String, Set<String>)
        case exists(String)
        case absent(String)
        case above(String, Int64)
        case below(String, Int64)
    }
    let requirements: [Requirement]

    /// Reads `a=b,c!=d,e in (f,g),h notin (i),j,!k,l>1,m<2`.
    init(_ text: String) throws(RequestProblem) {
        var parser = LabelSelectorParser(text)
        requirements = try parser.requirements()
    }

    /// False where a label that has to be there is nowhere in the object: most objects of a long list are passed over
    /// like that, unread.
    func mayMatch(_ mentions: (String) -> Bool) -> Bool {
        requirements.allSatisfy { requirement in
            switch requirement {
            case .among(let key, let values):
                values.count == 1 ? mentions("\"\(key)\":\"\(values.first ?? "")\"") : mentions("\"\(key)\":")
            case .exists(let key), .above(let key, _), .below(let key, _): mentions("\"\(key)\":")
            case .notAmong, .absent: true
            }
        }
    }

    /// A label that is not there equals nothing, the empty value neither, and differs from everything.
    func matches(_ label: (String) -> String?) -> Bool {
        requirements.allSatisfy { requirement in
            switch requirement {
            case .among(let key, let values): label(key).map(values.contains) ?? false
            case .notAmong(let key, let values): label(key).map { !values.contains($0) } ?? true
            case .exists(let key): label(key) != nil
            case .absent(let key): label(key) == nil
            case .above(let key, let bound): label(key).flatMap { Int64($0) }.map { $0 > bound } ?? false
            case .below(let key, let bound): label(key).flatMap { Int64($0) }.map { $0 < bound } ?? false
            }
        }
    }
}
