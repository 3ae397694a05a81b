package import Model
package import Tree

extension Structured {
    /// The message in a body that came from outside: every bound of its shape is checked before a value is built.
    /// Fields that this version does not know are left unread.
    package static func read(_ tree: Tree) throws(DecodingIssue) -> Self {
        try check(tree, Self.schema, FieldPath())
        return try Self(tree: tree)
    }
}

private func check(_ tree: Tree, _ schema: Schema, _ path: FieldPath) throws(DecodingIssue) {
    for rule in schema.rules where !rule.holds(tree, nil) { throw DecodingIssue(path: path, message: rule.message) }
    switch tree {
    case .string(let text): try checkText(text, schema, path)
    case .int(let value):
        if let least = schema.minimum, value < least {
            throw DecodingIssue(path: path, message: "\(value) is less than \(least)")
        }
        if let most = schema.maximum, value > most {
            throw DecodingIssue(path: path, message: "\(value) is more than \(most)")
        }
    case .array(let items):
        try checkCount(items.count, schema.minItems, schema.maxItems, path)
        guard let item = schema.items else { return }
        for (index, value) in items.enumerated() { try check(value, item, path + index) }
    case .object(let members):
        for property in schema.properties {
            guard let value = members[property.name] else { continue }
            try check(value, property.schema, path + property.name)
        }
        guard let values = schema.values else { return }
        try checkCount(members.count, nil, schema.maxProperties, path)
        for member in members {
            if member.key.utf8.count > 256 {
                throw DecodingIssue(path: path, message: "a key is longer than 256 bytes")
            }
            try check(member.value, values, path + member.key)
        }
    case .null, .bool, .double: break
    }
}

private func checkText(_ text: String, _ schema: Schema, _ path: FieldPath) throws(DecodingIssue) {
    let length = text.unicodeScalars.count
    if let most = schema.maxLength, length > most {
        throw DecodingIssue(path: path, message: "\(length) characters, at most \(most) are allowed")
    }
    if let least = schema.minLength, length < least {
        throw DecodingIssue(path: path, message: "\(length) characters, at least \(least) are needed")
    }
    if let form = schema.form, !form.accepts(text) {
        throw DecodingIssue(path: path, message: "\"\(text.prefix(64))\" is not \(form.name)")
    }
}

private func checkCount(_ count: Int, _ least: Int?, _ most: Int?, _ path: FieldPath) throws(DecodingIssue) {
    if let most, count > most {
        throw DecodingIssue(path: path, message: "\(count) elements, at most \(most) are allowed")
    }
    if let least, count < least {
        throw DecodingIssue(path: path, message: "\(count) elements, at least \(least) are needed")
    }
}

extension Schema.Rule {
    /// What uids and boot ids are made of, so that they can be part of a file's name.
    package static let plain = Schema.Rule(
        "self.matches('^[A-Za-z0-9-]+$')", "only letters, digits and hyphens are allowed"
    ) { tree, _ in
        tree.string?.utf8.allSatisfy { byte in
            (0x30...0x39).contains(byte) || (0x61...0x7A).contains(byte | 0x20) || byte == UInt8(ascii: "-")
        } ?? false
    }
}
