import Apply
import Model
import Tree

/// Bodies that clients send as protobuf whatever the server says it takes: all that client-go's typed clients write.
/// The envelope is `k8s\0` and runtime.Unknown (k8s.io/apimachinery/pkg/runtime/generated.proto); the members of each
/// kind are those of its shape, under their numbers.
enum ProtobufBody {
    /// Nil for what is malformed or of a kind that is not served.
    static func tree(_ body: [UInt8]) -> Tree? {
        guard body.starts(with: [0x6B, 0x38, 0x73, 0x00]),
            let envelope = ProtobufWire.fields(body[4...]),
            let type = envelope.first(where: { $0.number == 1 })?.bytes, let named = message(type, typeMeta),
            let kind = named["kind"]?.string, let schema = schema(kind, named["apiVersion"]?.string ?? "")
        else { return nil }
        let raw = envelope.last { $0.number == 2 }?.bytes ?? []
        guard var tree = message(raw, schema) else { return nil }
        (tree["apiVersion"], tree["kind"]) = (named["apiVersion"], .string(kind))
        return tree
    }

    private static let typeMeta = ProtobufShapes.typeMeta

    private static func schema(_ kind: String, _ apiVersion: String) -> Schema? {
        if kind == "DeleteOptions" { return MetaShapes.deleteOptions }
        if let shape = ProtobufShapes.reviews[kind] { return shape }
        if apiVersion.hasPrefix(EventGroup.group + "/") { return kind == "Event" ? EventGroup.admission.schema : nil }
        guard let found = Kind(rawValue: kind), !found.isOwn else { return nil }
        return found.objectSchema
    }

    // MARK: Messages

    private static func message(_ bytes: ArraySlice<UInt8>, _ schema: Schema) -> Tree? {
        guard let fields = ProtobufWire.fields(bytes) else { return nil }
        var tree = Tree.emptyObject
        for field in fields {
            guard let property = schema.properties.first(where: { $0.number == field.number }) else { continue }
            let (name, inner) = (property.name, property.schema)
            if inner.kind == .array, let items = inner.items {
                guard let item = value(field, items) else { return nil }
                tree[name] = .array((tree[name]?.array ?? []) + [item])
            } else if let values = inner.values {
                guard let (key, item) = pair(field, values) else { return nil }
                var map = tree[name] ?? .emptyObject
                map[key] = item
                tree[name] = map
            } else {
                guard let item = value(field, inner) else { return nil }
                // Go writes the members that hold nothing too.
                if property.presence != .kept, isNothing(item) { continue }
                tree[name] = item
            }
        }
        return tree
    }

    private static func isNothing(_ tree: Tree) -> Bool {
        switch tree {
        case .null, .string(""), .int(0), .bool(false): true
        case .object(let members): members.isEmpty
        default: false
        }
    }

    private static func pair(_ field: ProtobufWire.Field, _ values: Schema) -> (String, Tree)? {
        guard let parts = ProtobufWire.fields(field.bytes) else { return nil }
        let key = parts.last { $0.number == 1 }?.bytes ?? []
        let held = parts.last { $0.number == 2 } ?? ProtobufWire.Field(number: 2, value: 0, bytes: [])
        guard let name = String(validating: key, as: UTF8.self), let item = value(held, values) else { return nil }
        return (name, item)
    }

    private static func value(_ field: ProtobufWire.Field, _ schema: Schema) -> Tree? {
        switch schema.kind {
        case .string where schema.format == "byte": .string(Base64.encode(Array(field.bytes)))
        case .string where schema.format == "date-time": time(field.bytes, schema)
        case .string: String(validating: field.bytes, as: UTF8.self).map { .string($0) }
        case .integer where schema.format == "int32": .int(Int64(Int32(truncatingIfNeeded: field.value)))
        case .integer: .int(Int64(bitPattern: field.value))
        case .boolean: .bool(field.value != 0)
        case .object: message(field.bytes, schema)
        // What managers own, which is JSON in a message of its own. Clients do not write it.
        case .any: .null
        case .array, .intOrString: nil
        }
    }

    /// Seconds and nanoseconds since 1970; both zero is no time.
    private static func time(_ bytes: ArraySlice<UInt8>, _ schema: Schema) -> Tree? {
        guard let fields = ProtobufWire.fields(bytes) else { return nil }
        func number(_ index: Int) -> Int64 {
            fields.last { $0.number == index }.map { Int64(bitPattern: $0.value) } ?? 0
        }
        let (seconds, nanoseconds) = (number(1), number(2))
        // From year 1 to year 9999; the first of them is Go's zero.
        guard (-62_135_596_800...253_402_300_799).contains(seconds), (0..<1_000_000_000).contains(nanoseconds) else {
            return nil
        }
        if seconds == -62_135_596_800 || fields.isEmpty { return .null }
        let text = Timestamp(milliseconds: seconds * 1000).description
        guard schema.isMicroTime else { return .string(text) }
        let digits = String(nanoseconds / 1000)
        let zeros = String(repeating: "0", count: 6 - digits.utf8.count)
        return .string("\(text.dropLast()).\(zeros)\(digits)Z")
    }
}
