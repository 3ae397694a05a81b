/// A bound or mark on one field, applied to the schema its type gives.
package struct Constraint: Sendable {
    let apply: @Sendable (inout Schema) -> Void
}

// Strings and numbers.
extension Constraint {
    package static func length(_ range: ClosedRange<Int>) -> Constraint {
        Constraint { schema in
            schema.minLength = range.lowerBound > 0 ? range.lowerBound : nil
            schema.maxLength = range.upperBound
        }
    }
    package static func range(_ range: ClosedRange<Int64>) -> Constraint {
        Constraint { schema in
            schema.minimum = range.lowerBound
            schema.maximum = range.upperBound
        }
    }
    /// The largest integer that every reader of JSON keeps exact; API servers hold bounds as doubles.
    package static let largestCount: Int64 = 9_007_199_254_740_991
    /// A number that only rises: generations, attempts, fences, epochs.
    package static var counter: Constraint { .range(0...largestCount) }
    package static func format(_ form: Schema.TextForm) -> Constraint { Constraint { $0.form = form } }
    /// The name of an object: RFC 1123 subdomain of at most 253 characters.
    package static var name: Constraint {
        Constraint { schema in
            schema.minLength = 1
            schema.maxLength = 253
            schema.form = .subdomain
        }
    }
    /// A name that is also the value of a label: at most 63 characters.
    package static var label: Constraint {
        Constraint { schema in
            schema.minLength = 1
            schema.maxLength = 63
            schema.form = .subdomain
        }
    }
}

// Lists and maps.
extension Constraint {
    package static func items(upTo count: Int) -> Constraint { items(0...count) }
    /// How many elements a list, or members a map with free keys, may have.
    package static func items(_ range: ClosedRange<Int>) -> Constraint {
        Constraint { schema in
            if schema.kind == .array {
                schema.minItems = range.lowerBound > 0 ? range.lowerBound : nil
                schema.maxItems = range.upperBound
            } else {
                schema.maxProperties = range.upperBound
            }
        }
    }
    /// The length of each string of a list, or of each value of a map.
    package static func each(_ range: ClosedRange<Int>) -> Constraint {
        Constraint { $0.editElements(by: .length(range)) }
    }
    /// Each string of a list is a name that can be the value of a label.
    package static var eachLabel: Constraint { Constraint { $0.editElements(by: .label) } }
    /// Each string of a list is the name of an object.
    package static var eachName: Constraint { Constraint { $0.editElements(by: .name) } }
    package static var set: Constraint { Constraint { $0.listType = .set } }
    package static func map(by keys: String...) -> Constraint {
        Constraint { $0.listType = .map(keys: keys) }
    }
}

// Rules and marks.
extension Constraint {
    package static func rule(_ rule: Schema.Rule) -> Constraint { Constraint { $0.rules.append(rule) } }
    package static var immutable: Constraint {
        .rule(.init("self == oldSelf", "field is immutable") { new, old in old == nil || new == old })
    }
    package static var notYet: Constraint { Constraint { $0.support = .notYet } }
    package static func notYet(unless values: String...) -> Constraint {
        Constraint { $0.support = .notYetUnless(values) }
    }
    /// Takes a member out of an object's schema, for a narrower use of the type.
    package static func without(_ name: String) -> Constraint {
        Constraint { schema in schema.properties.removeAll { $0.name == name } }
    }
}

extension Schema {
    mutating func editElements(by constraint: Constraint) {
        for index in self.itemSchema.indices { constraint.apply(&self.itemSchema[index]) }
        for index in self.valueSchema.indices { constraint.apply(&self.valueSchema[index]) }
    }
}

extension Schema.TextForm {
    package static let subdomain = Schema.TextForm(
        name: "a lower-case RFC 1123 subdomain such as us-east-1",
        pattern: #"^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$"#
    ) { ObjectName.isValid($0) }
}
