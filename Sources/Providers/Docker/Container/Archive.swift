/// A tar archive (POSIX.1-1988 ustar) of a few small files and directories.
struct Archive: Sendable {
    struct Owner: Sendable {
        let user: Int
        let group: Int
    }

    private(set) var bytes: [UInt8] = []
    private let owner: Owner

    init(owner: Owner) { self.owner = owner }

    /// `name`: at most 100 bytes, relative.
    mutating func add(directory name: String, mode: Int) { header(name + "/", mode, size: 0, kind: "5") }

    mutating func add(file name: String, mode: Int, _ content: [UInt8]) {
        header(name, mode, size: content.count, kind: "0")
        bytes += content
        bytes += [UInt8](repeating: 0, count: (512 - content.count % 512) % 512)
    }

    /// With the two empty blocks that end an archive.
    func finished() -> [UInt8] { bytes + [UInt8](repeating: 0, count: 1024) }

    private mutating func header(_ name: String, _ mode: Int, size: Int, kind: Unicode.Scalar) {
        precondition(name.utf8.count <= 100, "a name in an archive has at most 100 bytes")
        var block = [UInt8](repeating: 0, count: 512)
        func put(_ text: String, at offset: Int) {
            for (index, byte) in text.utf8.enumerated() { block[offset + index] = byte }
        }
        func octal(_ value: Int, width: Int) -> String {
            let digits = String(value, radix: 8)
            return String(repeating: "0", count: max(0, width - digits.count)) + digits
        }
        put(name, at: 0)
        put(octal(mode, width: 7), at: 100)
        put(octal(owner.user, width: 7), at: 108)
        put(octal(owner.group, width: 7), at: 116)
        put(octal(size, width: 11), at: 124)
        put(octal(0, width: 11), at: 136)
        put(String(repeating: " ", count: 8), at: 148)
        block[156] = UInt8(ascii: kind)
        put("ustar", at: 257)
        put("00", at: 263)
        let sum = block.reduce(0) { $0 + Int($1) }
        put(octal(sum, width: 6), at: 148)
        block[154] = 0
        block[155] = UInt8(ascii: " ")
        bytes += block
    }
}
