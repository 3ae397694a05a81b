/// The value every document, stored object and patch is made of: JSON's data model with integers kept apart from
/// fractions, so that a count never passes through a binary fraction.
///
/// Members of an object are kept in key order, so equality, hashing, printing and iteration are deterministic.
package enum Tree: Sendable, Hashable {
    case null
    case bool(Bool)
    case int(Int64)
    /// A number with a fraction or exponent. No field of ours takes one; it is kept so that the error can name it.
    case double(Double)
    case string(String)
    case array([Tree])
    case object(Members)
}

extension Tree {
    package static var emptyObject: Tree { .object(Members()) }

    package var string: String? { if case .string(let value) = self { value } else { nil } }
    package var int: Int64? { if case .int(let value) = self { value } else { nil } }
    package var bool: Bool? { if case .bool(let value) = self { value } else { nil } }
    package var array: [Tree]? { if case .array(let value) = self { value } else { nil } }
    package var object: Members? { if case .object(let value) = self { value } else { nil } }
    package var isNull: Bool { self == .null }

    /// The word Kubernetes' messages use for this kind of value.
    package var typeName: String {
        switch self {
        case .null: "null"
        case .bool: "boolean"
        case .int: "integer"
        case .double: "number"
        case .string: "string"
        case .array: "array"
        case .object: "object"
        }
    }

    /// The member of that name; setting nil removes it. Setting turns a value that is no object into one.
    package subscript(_ key: String) -> Tree? {
        get { object?[key] }
        set {
            var members = object ?? Members()
            self = .null  // drop the second reference, so that the write below is in place
            members[key] = newValue
            self = .object(members)
        }
    }

    package subscript(_ index: Int) -> Tree? {
        guard case .array(let items) = self, items.indices.contains(index) else { return nil }
        return items[index]
    }

    /// The value under a path of member names and indices, or nil where the path leaves the tree.
    package subscript(_ path: FieldPath) -> Tree? {
        var here = self
        for step in path.steps {
            switch step {
            case .field(let name):
                guard let next = here[name] else { return nil }
                here = next
            case .index(let index):
                guard let next = here[index] else { return nil }
                here = next
            }
        }
        return here
    }
}

// No nil literal: in a place that takes `Tree?`, nil would be null instead of absence.
extension Tree: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByBooleanLiteral,
    ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral
{
    package init(stringLiteral value: String) { self = .string(value) }
    package init(integerLiteral value: Int64) { self = .int(value) }
    package init(booleanLiteral value: Bool) { self = .bool(value) }
    package init(arrayLiteral elements: Tree...) { self = .array(elements) }
    package init(dictionaryLiteral elements: (String, Tree)...) {
        var members = Members()
        for (key, value) in elements { members[key] = value }
        self = .object(members)
    }
}
