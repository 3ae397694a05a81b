import Testing

@testable import HTTP

@Suite("The head of a response")
struct HeadParserTests {
    private func parse(_ text: String, maxBytes: Int = 1000) -> HeadParser.Step {
        var parser = HeadParser(maxBytes: maxBytes)
        var step = HeadParser.Step.more
        for line in text.split(separator: "\n", omittingEmptySubsequences: false).dropLast() {
            step = parser.take(Array("\(line)\r\n".utf8))
            if step == .tooLarge { break }
        }
        return step
    }

    @Test("a head")
    func head() {
        let expected = HTTPResponseHead(
            status: 201, headers: ["A": "b: c", "Empty": "", "Folded": "one two"])
        #expect(
            parse("HTTP/1.1 201 Created\nA:  b: c \nEmpty:\nFolded: one\n\t two\n\n") == .complete(expected))
    }

    @Test("interim heads are dropped, 101 is final")
    func interim() {
        #expect(parse("HTTP/1.1 100 Continue\nA: b\n\n") == .more)
        #expect(
            parse("HTTP/1.1 100 Continue\nA: b\n\nHTTP/1.1 204\n\n")
                == .complete(HTTPResponseHead(status: 204)))
        #expect(parse("HTTP/1.1 101 Switching\n\n") == .complete(HTTPResponseHead(status: 101)))
    }

    @Test("limits count every byte, and every field")
    func limits() {
        #expect(parse("HTTP/1.1 200 OK\nA: b\n\n", maxBytes: 20) == .tooLarge)
        #expect(
            parse("HTTP/1.1 200 OK\n" + String(repeating: "A:\n", count: 513) + "\n", maxBytes: 10_000)
                == .tooLarge)
    }
}
