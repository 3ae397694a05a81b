package import Tree

extension Money: FieldValue {
    package static var schema: Schema {
        var schema = Schema(.intOrString)
        schema.form = .init(
            name: "USD as an integer or a quoted decimal such as \"0.09\"", pattern: #"^[0-9]+(\.[0-9]{1,6})?$"#
        ) {
            Money($0) != nil
        }
        schema.minimum = 0
        schema.maximum = 1_000_000_000_000
        schema.maxLength = 20
        return schema
    }
    package init(tree: Tree) throws(DecodingIssue) {
        switch tree {
        case .int(let dollars) where (0...1_000_000_000_000).contains(dollars): self.init(dollars: dollars)
        case .string(let text):
            guard let value = Money(text) else {
                throw DecodingIssue(path: [], message: "\"\(text)\" is not an amount in USD such as 50 or \"0.09\"")
            }
            self = value
        case .double: throw DecodingIssue(path: [], message: "money is an integer or a quoted decimal: write \"0.09\"")
        default: throw Self.mismatch("amount in USD", tree)
        }
    }
    package var tree: Tree {
        micros % 1_000_000 == 0 ? .int(micros / 1_000_000) : .string(decimal)
    }
}

extension Quantity: FieldValue {
    package static var schema: Schema {
        var schema = Schema(.intOrString)
        schema.form = .init(
            name: "a quantity such as 500m, 2 or 256Mi",
            pattern: #"^([0-9]+(\.[0-9]*)?|\.[0-9]+)(Ki|Mi|Gi|Ti|Pi|Ei|n|u|m|k|M|G|T|P|E|[eE][+-]?[0-9]+)?$"#
        ) { Quantity($0) != nil }
        schema.minimum = 0
        schema.maximum = Constraint.largestCount
        schema.maxLength = 34
        return schema
    }
    package init(tree: Tree) throws(DecodingIssue) {
        switch tree {
        case .int(let units) where (0...Int64.max / 1000).contains(units): self.init(units)
        case .string(let text):
            guard let value = Quantity(text) else {
                throw DecodingIssue(path: [], message: "\"\(text)\" is not a quantity such as 500m, 2 or 256Mi")
            }
            self = value
        default: throw Self.mismatch("quantity", tree)
        }
    }
    package var tree: Tree { .string(description) }
}

extension Duration: FieldValue {
    package static var schema: Schema {
        var schema = Schema(.string)
        schema.form = .init(name: "a duration such as 90s, 5m or 4h", pattern: "^(0|([0-9]+(ms|s|m|h))+)$") {
            Duration(text: $0) != nil
        }
        schema.maxLength = 40
        return schema
    }
    package init(tree: Tree) throws(DecodingIssue) {
        guard case .string(let text) = tree else { throw Self.mismatch("duration such as 90s", tree) }
        guard let value = Duration(text: text) else {
            throw DecodingIssue(path: [], message: "\"\(text)\" is not a duration such as 90s, 5m or 4h")
        }
        self = value
    }
    package var tree: Tree { .string(text) }
}

extension Timestamp: FieldValue {
    package static var schema: Schema {
        var schema = Schema(.string)
        schema.format = "date-time"
        schema.maxLength = 40
        return schema
    }
    package init(tree: Tree) throws(DecodingIssue) {
        guard case .string(let text) = tree, let value = Timestamp(text) else {
            throw DecodingIssue(path: [], message: "expected a time such as 2026-01-31T12:00:00Z")
        }
        self = value
    }
    package var tree: Tree { .string(description) }
}

/// A decimal written as text (`"38.95"`, `"-77.45"`, `"1.0"`), kept in millionths: Kubernetes' rule of no floats in
/// specs.
package struct Decimal: FieldValue, Hashable, Comparable {
    package var micros: Int64

    package init(micros: Int64) { self.micros = micros }
    package init?(_ text: String) {
        let negative = text.hasPrefix("-")
        guard let magnitude = Money(negative ? String(text.dropFirst()) : text) else { return nil }
        micros = negative ? -magnitude.micros : magnitude.micros
    }

    package static let one = Decimal(micros: 1_000_000)
    package static func < (a: Decimal, b: Decimal) -> Bool { a.micros < b.micros }
    package var double: Double { Double(micros) / 1_000_000 }

    package static var schema: Schema {
        var schema = Schema(.string)
        schema.form = .init(name: "a quoted decimal such as \"1.5\"", pattern: #"^-?[0-9]+(\.[0-9]{1,6})?$"#) {
            Decimal($0) != nil
        }
        schema.maxLength = 21
        return schema
    }
    package init(tree: Tree) throws(DecodingIssue) {
        guard case .string(let text) = tree, let value = Decimal(text) else {
            throw DecodingIssue(path: [], message: "expected a quoted decimal such as \"1.5\"")
        }
        self = value
    }
    package var tree: Tree { .string(text) }
    package var text: String { Money(micros: micros).decimal }
}
