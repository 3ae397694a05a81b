import Kernel
import Model
import ProcessKit
import Testing

@testable import Host

@Suite
struct AttemptLogTests {
    /// Limit 1000: tail 250, head 686.
    private func written(_ pieces: [[UInt8]], limit: Int = 1000) throws -> [UInt8] {
        let scratch = try Scratch()
        var log = try AttemptLog(scratch.path + "/log", limit: limit)
        for piece in pieces { log.append(piece, at: .origin) }
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

    @Test("What is written once the beginning is full is seen while the task runs, rarer and rarer, within a bound")
    func longRuns() throws {
        let scratch = try Scratch()
        let path = scratch.path + "/log"
        let limit = 64 << 10
        var log = try AttemptLog(path, limit: limit)
        var now = Instant.origin
        log.append(Array(repeating: UInt8(ascii: "x"), count: limit), at: now)
        let full = try #require(try Files.read(path, limit: 1 << 20)).count
        log.append(Array("line 1\n".utf8), at: now)
        #expect(log.due == now + .seconds(5))
        log.show(at: now + .seconds(4))
        #expect(try Files.read(path, limit: 1 << 20)?.count == full, "not yet")
        log.show(at: now + .seconds(5))
        let seen = String(decoding: try #require(try Files.read(path, limit: 1 << 20)).dropFirst(full), as: UTF8.self)
        #expect(seen.contains("bytes left out]") && seen.hasSuffix("line 1\n"), "\(seen.suffix(100))")
        #expect(log.due == nil, "while nothing new comes nobody is woken")
        var last = full
        var shown = 0
        for number in 0..<2_000 {
            now = now + .seconds(10)
            log.append(Array("line \(number)\n".utf8), at: now)
            let size = try #require(try Files.read(path, limit: 1 << 20)).count
            if size > last { shown += 1 }
            last = size
        }
        #expect((5...16).contains(shown), "\(shown) times")
        log.append(Array("the end\n".utf8), at: now)
        log.finish()
        let all = try #require(try Files.read(path, limit: 1 << 20))
        #expect(all.count <= limit + limit / 2 && String(decoding: all.suffix(8), as: UTF8.self) == "the end\n")
    }

    @Test("The end does not begin inside a character")
    func charactersStayWhole() throws {
        let log = try written([Array(String(repeating: "ü", count: 5000).utf8)], limit: 999)
        #expect(String(validating: log.suffix(249).drop { $0 & 0xC0 == 0x80 }, as: UTF8.self) != nil)
        let tail = try #require(String(validating: log, as: UTF8.self)?.split(separator: "]\n").last)
        #expect(tail.allSatisfy { $0 == "ü" })
    }
}
