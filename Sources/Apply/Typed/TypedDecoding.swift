package import Model
package import Tree

/// Reads a tree as Go reads a struct, and gives it back as Go would write it: types must be right, nulls and what is
/// empty go, times and bytes come in their one form, what is always there is there, unknown members are dropped.
package enum TypedDecoding {
    /// `word`: what the whole is called, as in errors.
    package static func decode(_ tree: Tree, _ schema: Schema, _ word: String) throws(AdmissionError) -> Tree {
        do throws(TypedFault) { return try read(tree, schema, at: [], word) } catch {
            throw AdmissionError(.badRequest, error.message)
        }
    }

    /// The same, with the place of what can't be read.
    static func read(
        _ tree: Tree, _ schema: Schema, at steps: [FieldPath.Step], _ word: String
    ) throws(TypedFault) -> Tree {
        var reader = TypedReader(word: word, steps: steps)
        return try reader.read(tree, schema)
    }
}

/// A value that has another type than its field.
struct TypedFault: Error, Sendable, Hashable {
    let message: String
    let path: FieldPath
    let value: Tree
}

private struct TypedReader {
    /// Of the struct that is being read.
    var word: String
    var steps: [FieldPath.Step]
    /// The fields of structs on the way, which is what Go's errors name.
    var names: [String] = []

    mutating func read(_ tree: Tree, _ schema: Schema) throws(TypedFault) -> Tree {
        switch (schema.kind, tree) {
        case (_, .null): return zero(schema)
        case (.any, _): return tree
        case (.object, .object(let members)):
            if let values = schema.values { return try map(members, values) }
            let outer = word
            if !schema.structName.isEmpty { word = schema.structName }
            let read = try fields(members, schema)
            word = outer
            return read
        case (.array, .array(let items)): return try list(items, schema)
        case (.string, .string(let text)): return try self.text(text, schema)
        case (.integer, .int(let number)):
            guard schema.format == "int32", Int32(exactly: number) == nil else { return tree }
            throw mismatch(tree, schema)
        case (.boolean, .bool): return tree
        default: throw mismatch(tree, schema)
        }
    }

    private mutating func fields(_ members: Members, _ schema: Schema) throws(TypedFault) -> Tree {
        var result = Members(reservingCapacity: members.count)
        for property in schema.ordered {
            guard let value = members[property.name], value != .null else {
                result[property.name] = property.standard
                continue
            }
            steps.append(.field(property.name))
            names.append(property.name)
            let read = try self.read(value, property.schema)
            names.removeLast()
            steps.removeLast()
            if property.presence == .omittedEmpty, read.isEmptyValue { continue }
            result[property.name] = read
        }
        return .object(result)
    }

    private mutating func map(_ members: Members, _ values: Schema) throws(TypedFault) -> Tree {
        var result = Members(reservingCapacity: members.count)
        for member in members {
            steps.append(.field(member.key))
            result[member.key] = try read(member.value, values)
            steps.removeLast()
        }
        return .object(result)
    }

    private mutating func list(_ items: [Tree], _ schema: Schema) throws(TypedFault) -> Tree {
        guard let inner = schema.items else { return .array(items) }
        var result: [Tree] = []
        result.reserveCapacity(items.count)
        for (index, item) in items.enumerated() {
            steps.append(.index(index))
            result.append(try read(item, inner))
            steps.removeLast()
        }
        return .array(result)
    }

    private func text(_ text: String, _ schema: Schema) throws(TypedFault) -> Tree {
        switch schema.format {
        case "byte":
            let plain = text.utf8.contains { $0 == 0x0A || $0 == 0x0D } ? text.filter { !$0.isNewline } : text
            guard let bytes = Base64.decode(plain) else {
                throw fault("illegal base64 data in \(FieldPath(steps))", .string(text))
            }
            return .string(plain.utf8.count == text.utf8.count ? text : Base64.encode(bytes))
        case "date-time":
            guard let time = schema.isMicroTime ? TimeText.micro(text) : TimeText.seconds(text) else {
                let layout = schema.isMicroTime ? "2006-01-02T15:04:05.000000Z07:00" : "2006-01-02T15:04:05Z07:00"
                throw fault("parsing time \"\(text.prefix(64))\" as \"\(layout)\": cannot parse it", .string(text))
            }
            return .string(time)
        default: return .string(text)
        }
    }

    /// What Go makes of null, where a value has to stand.
    private func zero(_ schema: Schema) -> Tree {
        switch schema.kind {
        case .string where schema.format == "date-time": .null
        case .string: ""
        case .integer: 0
        case .boolean: false
        case .object where schema.values == nil:
            .object(
                schema.properties.reduce(into: Members()) { members, property in
                    members[property.name] = property.standard
                })
        default: .null
        }
    }

    // MARK: Errors

    private func mismatch(_ tree: Tree, _ schema: Schema) -> TypedFault {
        let found =
            switch tree {
            case .int(let number): "number \(number)"
            case .double(let number): "number \(number)"
            case .bool: "bool"
            default: tree.typeName
            }
        let isWhole = schema.kind == .integer
        return fault(
            "json: cannot unmarshal \(isWhole ? found : String(found.prefix { $0 != " " })) into Go struct field "
                + "\(word).\(names.joined(separator: ".")) of type \(typeName(schema))", tree)
    }

    private func fault(_ message: String, _ value: Tree) -> TypedFault {
        TypedFault(message: message, path: FieldPath(steps), value: value)
    }

    private func typeName(_ schema: Schema) -> String {
        switch schema.kind {
        case .string where steps.last == .field("uid"): "types.UID"
        case .string: schema.format == "byte" ? "[]uint8" : "string"
        case .integer: schema.format ?? "int64"
        case .boolean: "bool"
        case .array: "[]\(schema.items.map(typeName) ?? "interface {}")"
        case .object: schema.values.map { "map[string]\(typeName($0))" } ?? "v1.\(schema.structName)"
        case .any, .intOrString: "interface {}"
        }
    }
}

extension Tree {
    /// What `omitempty` leaves out.
    var isEmptyValue: Bool {
        switch self {
        case .null, .string(""), .int(0), .bool(false): true
        case .array(let items): items.isEmpty
        case .object(let members): members.isEmpty
        default: false
        }
    }
}

/// Times as Kubernetes writes them.
enum TimeText {
    /// To the second, in UTC.
    static func seconds(_ text: String) -> String? {
        guard !text.utf8.contains(where: { $0 == UInt8(ascii: "t") || $0 == UInt8(ascii: "z") }) else { return nil }
        return Timestamp(text)?.wholeSeconds.description
    }

    /// To the microsecond, in UTC: exactly six digits are read.
    static func micro(_ text: String) -> String? {
        let bytes = Array(text.utf8)
        guard bytes.count > 26, bytes[19] == UInt8(ascii: "."),
            bytes[20..<26].allSatisfy({ (0x30...0x39).contains($0) }), !(0x30...0x39).contains(bytes[26])
        else { return nil }
        if isCanonicalMicro(text) { return text }
        let digits = String(decoding: bytes[19..<26], as: UTF8.self)
        let plain = String(decoding: bytes[..<19] + bytes[26...], as: UTF8.self)
        return seconds(plain).map { "\($0.dropLast())\(digits)Z" }
    }

    static func isCanonicalMicro(_ text: String) -> Bool {
        text.utf8.count == 27 && text.utf8.last == UInt8(ascii: "Z") && Timestamp(text) != nil
            && text.utf8.dropFirst(19).first == UInt8(ascii: ".") && !text.utf8.contains(UInt8(ascii: "t"))
    }
}
