import Testing

@testable import Host

@Suite
struct LineBufferTests {
    @Test(arguments: [1, 2, 3, 100])
    func linesComeWholeHoweverTheyAreCut(_ size: Int) {
        var buffer = LineBuffer(limit: 10)
        let bytes = Array("one\n\ntwo two\nthis one is too long\nlast\nrest".utf8)
        var lines: [String] = []
        for start in stride(from: 0, to: bytes.count, by: size) {
            lines += buffer.feed(Array(bytes[start..<min(start + size, bytes.count)])).map {
                String(decoding: $0, as: UTF8.self)
            }
        }
        #expect(lines == ["one", "", "two two", "last"])
    }
}
