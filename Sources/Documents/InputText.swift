/// Checks an input as text, before any parser sees it: its size, that it is UTF-8, and that no byte is NUL.
enum InputText {
    static func check(_ bytes: UnsafeBufferPointer<UInt8>, limits: Limits) throws(Fault) {
        if bytes.count > limits.inputBytes {
            throw Fault(
                .inputTooLarge, at: Position(line: 1, column: 1),
                "the input has \(bytes.count) bytes, more than the \(limits.inputBytes) read at once;"
                    + " split it into several files")
        }
        guard let base = bytes.baseAddress else { return }
        let raw = UnsafeRawPointer(base)
        var index = 0
        while index < bytes.count {
            if index + 8 <= bytes.count {
                let word = raw.loadUnaligned(fromByteOffset: index, as: UInt64.self)
                if (word | (word &- 0x0101_0101_0101_0101)) & 0x8080_8080_8080_8080 == 0 {
                    index += 8
                    continue
                }
            }
            let byte = bytes[index]
            if byte == 0 {
                throw Fault(
                    .nulByte, at: index, "a NUL byte: this is not a text file, or it was damaged or is UTF-16"
                )
            }
            let length = byte < 0x80 ? 1 : sequenceLength(bytes, at: index)
            if length == 0 {
                let shown = String(byte, radix: 16, uppercase: true)
                throw Fault(
                    .badUTF8, at: index,
                    "the byte 0x\(shown) does not belong to UTF-8 text here; save the file as UTF-8"
                )
            }
            index += length
        }
    }

    /// The text after a byte order mark, which is passed over and has no place in a line.
    static func afterByteOrderMark(_ bytes: UnsafeBufferPointer<UInt8>) -> UnsafeBufferPointer<UInt8> {
        guard bytes.count >= 3, bytes[0] == 0xEF, bytes[1] == 0xBB, bytes[2] == 0xBF else { return bytes }
        return UnsafeBufferPointer(rebasing: bytes[3...])
    }

    /// The first place of a byte, found eight bytes at a time.
    static func firstIndex(of byte: UInt8, in text: UnsafeBufferPointer<UInt8>, from start: Int) -> Int? {
        guard let base = text.baseAddress else { return nil }
        let pattern = UInt64(byte) &* 0x0101_0101_0101_0101
        var index = start
        while index + 8 <= text.count {
            let word = UnsafeRawPointer(base).loadUnaligned(fromByteOffset: index, as: UInt64.self) ^ pattern
            if (word &- 0x0101_0101_0101_0101) & ~word & 0x8080_8080_8080_8080 != 0 { break }
            index += 8
        }
        while index < text.count {
            if text[index] == byte { return index }
            index += 1
        }
        return nil
    }

    /// The length of the well-formed sequence of two to four bytes at an index, or 0 (Unicode 15, table 3-7).
    private static func sequenceLength(_ bytes: UnsafeBufferPointer<UInt8>, at index: Int) -> Int {
        let first = bytes[index]
        let second = index + 1 < bytes.count ? bytes[index + 1] : 0
        func continues(_ distance: Int) -> Bool {
            index + distance < bytes.count && bytes[index + distance] & 0xC0 == 0x80
        }
        switch first {
        case 0xC2...0xDF: return continues(1) ? 2 : 0
        case 0xE0: return second >= 0xA0 && continues(1) && continues(2) ? 3 : 0
        case 0xED: return second <= 0x9F && continues(1) && continues(2) ? 3 : 0
        case 0xE1...0xEF: return continues(1) && continues(2) ? 3 : 0
        case 0xF0: return second >= 0x90 && continues(1) && continues(2) && continues(3) ? 4 : 0
        case 0xF4: return second <= 0x8F && continues(1) && continues(2) && continues(3) ? 4 : 0
        case 0xF1...0xF3: return continues(1) && continues(2) && continues(3) ? 4 : 0
        default: return 0
        }
    }
}
