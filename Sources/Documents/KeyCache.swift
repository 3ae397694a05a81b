/// Gives equal keys one shared string, so that the long field names of a thousand objects are stored once.
///
/// Keys of up to 15 bytes need no storage and pass by. A direct-mapped table of fixed size: a collision only
/// costs one more allocation.
struct KeyCache {
    private var slots = [String](repeating: "", count: 256)

    mutating func string(_ bytes: UnsafeBufferPointer<UInt8>) -> String {
        guard bytes.count > 15, bytes.count <= 128 else { return String(decoding: bytes, as: UTF8.self) }
        let raw = UnsafeRawBufferPointer(bytes)
        let head = raw.loadUnaligned(fromByteOffset: 0, as: UInt64.self)
        let tail = raw.loadUnaligned(fromByteOffset: bytes.count - 8, as: UInt64.self)
        let mixed = (head ^ (tail << 7 | tail >> 57) ^ UInt64(bytes.count)) &* 0x9E37_79B9_7F4A_7C15
        let slot = Int(mixed >> 56)
        let isHit = slots[slot].utf8.withContiguousStorageIfAvailable { stored in
            stored.count == bytes.count && stored.elementsEqual(bytes)
        }
        if isHit == true { return slots[slot] }
        let key = String(decoding: bytes, as: UTF8.self)
        slots[slot] = key
        return key
    }
}
