import Testing

@testable import HTTP

@Suite("Lines")
struct LinesTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let because: String
        let pieces: [String]
        let lines: [String]
        var rest: String?
        var testDescription: String { because }
    }

    static let cases = [
        Case(because: "nothing", pieces: [], lines: []),
        Case(because: "empty pieces", pieces: ["", ""], lines: []),
        Case(because: "one line in one piece", pieces: ["ab\n"], lines: ["ab"]),
        Case(because: "many lines in one piece", pieces: ["a\nb\n\nc\n"], lines: ["a", "b", "", "c"]),
        Case(because: "one line in many pieces", pieces: ["a", "b", "", "c", "\n"], lines: ["abc"]),
        Case(because: "CRLF cut in two", pieces: ["ab\r", "\ncd\r\n"], lines: ["ab", "cd"]),
        Case(because: "a CR inside stays", pieces: ["a\rb\n"], lines: ["a\rb"]),
        Case(because: "an unfinished end is kept for finish", pieces: ["a\nb"], lines: ["a"], rest: "b"),
        Case(because: "a character cut in two", pieces: ["\u{e9}\n"], lines: ["é"]),
    ]

    @Test("lines of pieces", arguments: cases)
    func split(_ test: Case) throws {
        var splitter = Lines()
        let lines = try test.pieces.flatMap { try splitter.feed(Array($0.utf8)) }
        #expect(lines.map { String(decoding: $0, as: UTF8.self) } == test.lines)
        #expect(splitter.finish().map { String(decoding: $0, as: UTF8.self) } == test.rest)
        #expect(splitter.finish() == nil)
    }

    @Test("the cut does not matter", arguments: 1...9)
    func anyCut(_ size: Int) throws {
        let text = Array((0..<50).map { "line é \($0)\r\n" }.joined().utf8)
        var splitter = Lines()
        var lines: [[UInt8]] = []
        for start in stride(from: 0, to: text.count, by: size) {
            lines += try splitter.feed(Array(text[start..<min(start + size, text.count)]))
        }
        #expect(lines.map { String(decoding: $0, as: UTF8.self) } == (0..<50).map { "line é \($0)" })
    }

    @Test("the limit counts a line however it comes")
    func limit() throws {
        var splitter = Lines(limit: 4)
        #expect(try splitter.feed(Array("abcd\nab".utf8)).count == 1)
        #expect(try splitter.feed(Array("cd\n".utf8)) == [Array("abcd".utf8)])
        _ = try splitter.feed(Array("abcd".utf8))
        let error = #expect(throws: HTTPError.self) { try splitter.feed([101]) }
        #expect(error?.code == .tooLarge)
        var whole = Lines(limit: 4)
        #expect(throws: HTTPError.self) { try whole.feed(Array("abcde\n".utf8)) }
    }
}
