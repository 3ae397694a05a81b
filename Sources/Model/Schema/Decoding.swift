package import Tree

/// The first reason why a tree is not a value of a type. Full validation, with every error in Kubernetes'
/// words, is `Apply`'s; decoding runs behind it, on values that have passed, and so stops at the first
/// surprise.
package struct DecodingIssue: Error, Hashable, Sendable, CustomStringConvertible {
    package let path: FieldPath
    package let message: String

    package init(path: FieldPath, message: String) {
        self.path = path
        self.message = message
    }

    package var description: String { path.steps.isEmpty ? message : "\(path): \(message)" }

    func under(_ step: FieldPath.Step) -> DecodingIssue {
        DecodingIssue(path: FieldPath([step] + path.steps), message: message)
    }
}

/// A value a field can hold: it describes itself, reads itself from a tree and writes itself to one.
package protocol FieldValue: Sendable, Equatable {
    static var schema: Schema { get }
    init(tree: Tree) throws(DecodingIssue)
    var tree: Tree { get }
}

extension FieldValue {
    static func mismatch(_ expected: String, _ tree: Tree) -> DecodingIssue {
        DecodingIssue(path: [], message: "expected \(expected), got \(tree.typeName)")
    }
}

extension String: FieldValue {
    package static var schema: Schema { Schema(.string) }
    package init(tree: Tree) throws(DecodingIssue) {
        guard case .string(let value) = tree else { throw Self.mismatch("string", tree) }
        self = value
    }
    package var tree: Tree { .string(self) }
}

extension Int: FieldValue {
    package static var schema: Schema {
        var schema = Schema(.integer)
        schema.format = "int64"
        return schema
    }
    package init(tree: Tree) throws(DecodingIssue) {
        guard case .int(let value) = tree else { throw Self.mismatch("integer", tree) }
        self = Int(value)
    }
    package var tree: Tree { .int(Int64(self)) }
}

extension Bool: FieldValue {
    package static var schema: Schema { Schema(.boolean) }
    package init(tree: Tree) throws(DecodingIssue) {
        guard case .bool(let value) = tree else { throw Self.mismatch("boolean", tree) }
        self = value
    }
    package var tree: Tree { .bool(self) }
}

extension Tree: FieldValue {
    package static var schema: Schema { Schema(.any) }
    package init(tree: Tree) { self = tree }
    package var tree: Tree { self }
}

extension Array: FieldValue where Element: FieldValue {
    package static var schema: Schema {
        var schema = Schema(.array)
        schema.itemSchema = [Element.schema]
        return schema
    }
    package init(tree: Tree) throws(DecodingIssue) {
        guard case .array(let items) = tree else { throw Self.mismatch("array", tree) }
        self = []
        reserveCapacity(items.count)
        for (index, item) in items.enumerated() {
            do throws(DecodingIssue) { append(try Element(tree: item)) } catch { throw error.under(.index(index)) }
        }
    }
    package var tree: Tree { .array(map(\.tree)) }
}

extension Dictionary: FieldValue where Key == String, Value: FieldValue {
    package static var schema: Schema {
        var schema = Schema(.object)
        schema.valueSchema = [Value.schema]
        return schema
    }
    package init(tree: Tree) throws(DecodingIssue) {
        guard case .object(let members) = tree else { throw Self.mismatch("object", tree) }
        self = [:]
        for member in members {
            do throws(DecodingIssue) {
                self[member.key] = try Value(tree: member.value)
            } catch { throw error.under(.field(member.key)) }
        }
    }
    package var tree: Tree {
        var members = Members(reservingCapacity: count)
        for key in keys.sorted() { members[key] = self[key]?.tree }
        return .object(members)
    }
}

/// A closed set of words, written in UpperCamel in YAML.
package protocol FieldEnum: FieldValue, RawRepresentable, CaseIterable, Hashable where RawValue == String {}

extension FieldEnum {
    package static var schema: Schema {
        var schema = Schema(.string)
        schema.allowed = allCases.map(\.rawValue)
        return schema
    }
    package init(tree: Tree) throws(DecodingIssue) {
        guard case .string(let text) = tree else { throw Self.mismatch("string", tree) }
        guard let value = Self(rawValue: text) else {
            let known = Self.allCases.map(\.rawValue).joined(separator: ", ")
            throw DecodingIssue(path: [], message: "unknown value \"\(text)\", known: \(known)")
        }
        self = value
    }
    package var tree: Tree { .string(rawValue) }
}
