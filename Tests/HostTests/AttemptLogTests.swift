import Kernel
import ProcessKit
import Testing

@testable import Host

@Suite
struct AttemptLogTests {
    /// Limit 1000: tail 250, head 686.
    private func written(_ pieces: [[UInt8]], limit: Int = 1000) throws -> [UInt8] {
        let scratch = try Scratch()
        var log = try AttemptLog(scratch.path + "/log", limit: limit)
        for piece in pieces { log.append(piece) }
        log.finish()
        return try #require(try Files.read(scratch.path + "/log", limit: 1 << 30))
    }

    private func numbered(_ count: Int) -> [UInt8] { (0..<count).map { UInt8(ascii: "a") + UInt8($0 % 26) } }

    @Test(arguments: [0, 1, 685, 686, 687, 936])
    func whatFitsIsKeptWhole(_ count: Int) throws {
        let bytes = numbered(count)
        #expect(try written([bytes]) == bytes)
        #expect(try written(bytes.map { [$0] }) == bytes, "however it comes")
    }

    @Test(arguments: [937, 1000, 5000, 100_000])
    func whatDoesNotFitLosesItsMiddle(_ count: Int) throws {
        let bytes = numbered(count)
        for pieces in [[bytes], stride(from: 0, to: count, by: 97).map { Array(bytes[$0..<min($0 + 97, count)]) }] {
            let log = try written(pieces)
            #expect(log.count <= 1000)
            #expect(log.starts(with: bytes[..<686]), "the beginning is kept")
            #expect(log.suffix(250).elementsEqual(bytes.suffix(250)), "and the end")
            let marker = String(decoding: log[686..<(log.count - 250)], as: UTF8.self)
            #expect(marker == "\n[\(count - 936) bytes left out]\n")
        }
    }

    @Test("The end does not begin inside a character")
    func charactersStayWhole() throws {
        let log = try written([Array(String(repeating: "ü", count: 5000).utf8)], limit: 999)
        #expect(String(validating: log.suffix(249).drop { $0 & 0xC0 == 0x80 }, as: UTF8.self) != nil)
        let tail = try #require(String(validating: log, as: UTF8.self)?.split(separator: "]\n").last)
        #expect(tail.allSatisfy { $0 == "ü" })
    }
}
