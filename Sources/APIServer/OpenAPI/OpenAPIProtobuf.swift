import Documents
import Tree

/// An OpenAPI document of version 2 as protobuf (gnostic's openapi.v2, OpenAPIv2.proto): what clients read of it.
enum OpenAPIProtobuf {
    static func document(_ tree: Tree) -> [UInt8] {
        var bytes: [UInt8] = []
        text(1, tree["swagger"], &bytes)
        var info: [UInt8] = []
        text(1, tree["info"]?["title"], &info)
        text(2, tree["info"]?["version"], &info)
        message(2, info, &bytes)
        message(8, [], &bytes)
        message(9, named(tree["definitions"]), &bytes)
        return bytes
    }

    private static func schema(_ tree: Tree) -> [UInt8] {
        var bytes: [UInt8] = []
        for member in tree.object ?? Members() {
            let value = member.value
            switch member.key {
            case "$ref": text(1, value, &bytes)
            case "format": text(2, value, &bytes)
            case "description": text(4, value, &bytes)
            case "default": message(5, any(value), &bytes)
            case "maxLength": number(11, value, &bytes)
            case "minLength": number(12, value, &bytes)
            case "pattern": text(13, value, &bytes)
            case "maxItems": number(14, value, &bytes)
            case "minItems": number(15, value, &bytes)
            case "maxProperties": number(17, value, &bytes)
            case "required": for name in value.array ?? [] { text(19, name, &bytes) }
            case "enum": for word in value.array ?? [] { message(20, any(word), &bytes) }
            case "additionalProperties": message(21, additional(value), &bytes)
            case "type":
                var type: [UInt8] = []
                text(1, value, &type)
                message(22, type, &bytes)
            case "items":
                var items: [UInt8] = []
                message(1, schema(value), &items)
                message(23, items, &bytes)
            case "properties": message(25, named(value), &bytes)
            case let name where name.hasPrefix("x-"): message(31, pair(name, any(value)), &bytes)
            default: break
            }
        }
        return bytes
    }

    /// Schemas under their names.
    private static func named(_ tree: Tree?) -> [UInt8] {
        var bytes: [UInt8] = []
        for member in tree?.object ?? Members() { message(1, pair(member.key, schema(member.value)), &bytes) }
        return bytes
    }

    private static func additional(_ tree: Tree) -> [UInt8] {
        var bytes: [UInt8] = []
        if case .bool(let flag) = tree {
            bytes += [2 << 3, flag ? 1 : 0]
        } else {
            message(1, schema(tree), &bytes)
        }
        return bytes
    }

    private static func pair(_ name: String, _ value: [UInt8]) -> [UInt8] {
        var bytes: [UInt8] = []
        text(1, .string(name), &bytes)
        message(2, value, &bytes)
        return bytes
    }

    /// A value of any kind goes as YAML, of which JSON is a part.
    private static func any(_ value: Tree) -> [UInt8] {
        var bytes: [UInt8] = []
        text(2, .string(JSON.text(value)), &bytes)
        return bytes
    }

    // MARK: Wire

    private static func text(_ number: UInt64, _ value: Tree?, _ bytes: inout [UInt8]) {
        guard let text = value?.string else { return }
        message(number, Array(text.utf8), &bytes)
    }

    private static func number(_ number: UInt64, _ value: Tree, _ bytes: inout [UInt8]) {
        guard let whole = value.int else { return }
        varint(number << 3, &bytes)
        varint(UInt64(bitPattern: whole), &bytes)
    }

    private static func message(_ number: UInt64, _ content: [UInt8], _ bytes: inout [UInt8]) {
        varint(number << 3 | 2, &bytes)
        varint(UInt64(content.count), &bytes)
        bytes += content
    }

    private static func varint(_ value: UInt64, _ bytes: inout [UInt8]) {
        var rest = value
        while rest > 0x7F {
            bytes.append(UInt8(truncatingIfNeeded: rest & 0x7F) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(truncatingIfNeeded: rest))
    }
}
