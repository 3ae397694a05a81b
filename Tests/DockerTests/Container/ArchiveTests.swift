import Testing

@testable import Docker

struct ArchiveTests {
    @Test("Headers are ustar's, with a checksum that adds up; contents are padded to blocks")
    func layout() throws {
        var archive = Archive(owner: .init(user: 65532, group: 65532))
        archive.add(directory: "worker", mode: 0o700)
        archive.add(file: "worker/launch.json", mode: 0o400, Array(repeating: 0x61, count: 513))
        let bytes = archive.finished()
        #expect(bytes.count == 512 + 512 + 1024 + 1024)
        func text(_ offset: Int, _ length: Int) -> String {
            String(decoding: bytes[offset..<offset + length].prefix { $0 != 0 }, as: UTF8.self)
        }
        #expect(text(0, 100) == "worker/" && text(156, 1) == "5" && text(100, 8) == "0000700")
        #expect(text(512, 100) == "worker/launch.json" && text(512 + 156, 1) == "0")
        #expect(text(512 + 108, 8) == "0177774" && text(512 + 124, 12) == "00000001001")
        #expect(text(512 + 257, 6) == "ustar")
        for offset in [0, 512] {
            let field = offset + 148..<offset + 156
            let sum = (offset..<offset + 512).reduce(0) { $0 + (field.contains($1) ? 32 : Int(bytes[$1])) }
            #expect(Int(text(offset + 148, 6), radix: 8) == sum)
        }
        #expect(bytes.suffix(1024).allSatisfy { $0 == 0 })
    }
}
