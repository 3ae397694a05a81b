import Tree

/// The few bodies that clients send as protobuf whatever the server says it takes: kubectl's `create` of small kinds
/// and its reviews. The envelope is `k8s\0` and runtime.Unknown (k8s.io/apimachinery/pkg/runtime/generated.proto);
/// field numbers are those of the generated.proto of each kind.
enum ProtobufBody {
    /// Nil for what is malformed or of a kind not described here.
    static func tree(_ body: [UInt8]) -> Tree? {
        guard body.starts(with: [0x6B, 0x38, 0x73, 0x00]),
            let envelope = fields(body[4...]), let type = envelope.first(where: { $0.number == 1 })?.bytes,
            let named = message(type, [1: ("apiVersion", .text), 2: ("kind", .text)]),
            let kind = named["kind"]?.string, let shape = kinds[kind]
        else { return nil }
        let raw = envelope.first { $0.number == 2 }?.bytes ?? []
        guard var tree = message(raw, shape.merging([1: ("metadata", .message(metadata))]) { $1 }) else { return nil }
        (tree["apiVersion"], tree["kind"]) = (named["apiVersion"], .string(kind))
        return tree
    }

    // MARK: Shapes

    private indirect enum Form: Sendable {
        case text, number, flag, bytes
        case map(Form)
        case list(Form)
        case message([Int: (String, Form)])
    }

    private static let owner: Form = .message([
        1: ("kind", .text), 3: ("name", .text), 4: ("uid", .text), 5: ("apiVersion", .text), 6: ("controller", .flag),
        7: ("blockOwnerDeletion", .flag),
    ])

    /// What a client may say of it; the rest is the server's own.
    private static let metadata: [Int: (String, Form)] = [
        1: ("name", .text), 2: ("generateName", .text), 3: ("namespace", .text), 5: ("uid", .text),
        6: ("resourceVersion", .text), 11: ("labels", .map(.text)), 12: ("annotations", .map(.text)),
        13: ("ownerReferences", .list(owner)), 14: ("finalizers", .list(.text)),
    ]

    private static let access: Form = .message([
        1: ("namespace", .text), 2: ("verb", .text), 3: ("group", .text), 4: ("version", .text), 5: ("resource", .text),
        6: ("subresource", .text), 7: ("name", .text),
    ])

    private static let kinds: [String: [Int: (String, Form)]] = [
        "Namespace": [2: ("spec", .message([1: ("finalizers", .list(.text))]))],
        "ConfigMap": [2: ("data", .map(.text)), 3: ("binaryData", .map(.bytes)), 4: ("immutable", .flag)],
        "Secret": [
            2: ("data", .map(.bytes)), 3: ("type", .text), 4: ("stringData", .map(.text)), 5: ("immutable", .flag),
        ],
        "ServiceAccount": [4: ("automountServiceAccountToken", .flag)],
        "SelfSubjectAccessReview": [
            2: (
                "spec",
                .message([
                    1: ("resourceAttributes", access),
                    2: ("nonResourceAttributes", .message([1: ("path", .text), 2: ("verb", .text)])),
                ])
            )
        ],
        "SelfSubjectReview": [:],
        "SelfSubjectRulesReview": [2: ("spec", .message([1: ("namespace", .text)]))],
        "TokenRequest": [
            2: ("spec", .message([1: ("audiences", .list(.text)), 4: ("expirationSeconds", .number)]))
        ],
    ]

    // MARK: Wire format (protobuf.dev/programming-guides/encoding)

    private struct Field {
        let number: Int
        let value: UInt64
        let bytes: ArraySlice<UInt8>
    }

    private static func fields(_ bytes: ArraySlice<UInt8>) -> [Field]? {
        var rest = bytes
        var fields: [Field] = []
        while !rest.isEmpty {
            guard let tag = varint(&rest) else { return nil }
            let number = Int(truncatingIfNeeded: tag >> 3)
            switch tag & 7 {
            case 0:
                guard let value = varint(&rest) else { return nil }
                fields.append(Field(number: number, value: value, bytes: []))
            case 2:
                guard let length = varint(&rest), length <= UInt64(rest.count) else { return nil }
                fields.append(Field(number: number, value: 0, bytes: rest.prefix(Int(length))))
                rest = rest.dropFirst(Int(length))
            default: return nil
            }
        }
        return fields
    }

    private static func varint(_ rest: inout ArraySlice<UInt8>) -> UInt64? {
        var value: UInt64 = 0
        for shift in stride(from: UInt64(0), to: 64, by: 7) {
            guard let byte = rest.popFirst() else { return nil }
            value |= UInt64(byte & 0x7F) << shift
            if byte & 0x80 == 0 { return value }
        }
        return nil
    }

    /// Members that are empty are left out: Go writes them all.
    private static func message(_ bytes: ArraySlice<UInt8>, _ shape: [Int: (String, Form)]) -> Tree? {
        guard let fields = fields(bytes) else { return nil }
        var tree = Tree.emptyObject
        for field in fields {
            guard let (name, form) = shape[field.number] else { continue }
            switch form {
            case .list(let inner):
                guard let item = value(field, inner) else { return nil }
                tree[name] = .array((tree[name]?.array ?? []) + [item])
            case .map(let inner):
                guard let pair = Self.fields(field.bytes), let key = pair.first(where: { $0.number == 1 }) else {
                    return nil
                }
                let held = pair.first { $0.number == 2 } ?? Field(number: 2, value: 0, bytes: [])
                guard let item = value(held, inner) else { return nil }
                var map = tree[name] ?? .emptyObject
                map[String(decoding: key.bytes, as: UTF8.self)] = item
                tree[name] = map
            default:
                guard let item = value(field, form) else { return nil }
                if ![.string(""), .int(0), .emptyObject].contains(item) { tree[name] = item }
            }
        }
        return tree
    }

    private static func value(_ field: Field, _ form: Form) -> Tree? {
        switch form {
        case .text: String(validating: field.bytes, as: UTF8.self).map { .string($0) }
        case .bytes: .string(Base64.encode(Array(field.bytes)))
        case .number: .int(Int64(bitPattern: field.value))
        case .flag: .bool(field.value != 0)
        case .message(let shape): message(field.bytes, shape)
        case .list, .map: nil
        }
    }
}
