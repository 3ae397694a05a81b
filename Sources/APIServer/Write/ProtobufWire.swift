/// Protobuf's wire format (protobuf.dev/programming-guides/encoding).
enum ProtobufWire {
    struct Field {
        let number: Int
        let value: UInt64
        let bytes: ArraySlice<UInt8>
    }

    /// Nil for what is malformed.
    static func fields(_ bytes: ArraySlice<UInt8>) -> [Field]? {
        var rest = bytes
        var fields: [Field] = []
        while !rest.isEmpty {
            guard let tag = varint(&rest) else { return nil }
            let number = Int(truncatingIfNeeded: tag >> 3)
            guard number > 0 else { return nil }
            switch tag & 7 {
            case 0:
                guard let value = varint(&rest) else { return nil }
                fields.append(Field(number: number, value: value, bytes: []))
            case 2:
                guard let length = varint(&rest), length <= UInt64(rest.count) else { return nil }
                fields.append(Field(number: number, value: 0, bytes: rest.prefix(Int(length))))
                rest = rest.dropFirst(Int(length))
            // Fixed widths: nothing that is served has them, and what is unknown is passed over.
            case 1, 5:
                let width = tag & 7 == 1 ? 8 : 4
                guard rest.count >= width else { return nil }
                rest = rest.dropFirst(width)
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
}
