import Testing

@testable import HTTP

@Suite("HTTP client: streams")
struct HTTPStreamTests {
    let client = HTTPClient()
    static let head = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nX-Kind: watch\r\n\r\n"

    @Test("the head comes before the content, the content as it is written")
    func pieces() async throws {
        let gate = try Gate()
        let server = try TestServer { connection in
            guard connection.request() != nil else { return }
            connection.send(Self.head)
            for chunk in ["one", "two", ""] {
                gate.wait()
                connection.send("\(chunk.utf8.count)\r\n\(chunk)\r\n")
            }
        }
        let response = try await client.stream(HTTPRequest(.get, server.url))
        #expect(response.status == 200)
        #expect(response.headers["x-kind"] == "watch")
        var iterator = response.body.makeAsyncIterator()
        for expected in ["one", "two"] {
            gate.open()
            #expect(try await iterator.next() == Array(expected.utf8))
        }
        gate.open()
        #expect(try await iterator.next() == nil)
        #expect(try await iterator.next() == nil)
    }

    @Test("bytes trickled one by one make whole lines")
    func trickle() async throws {
        let lines = (0..<40).map { #"{"type":"MODIFIED","n":\#($0),"é":"ü"}"# }
        let server = try TestServer { connection in
            guard connection.request() != nil else { return }
            connection.send(Self.head)
            for byte in lines.map({ $0 + "\n" }).joined().utf8 {
                connection.send("1\r\n")
                connection.send([byte])
                connection.send("\r\n")
            }
            connection.send("0\r\n\r\n")
        }
        var seen: [String] = []
        for try await line in try await client.stream(HTTPRequest(.get, server.url)).body.lines() {
            seen.append(String(decoding: line, as: UTF8.self))
        }
        #expect(seen == lines)
    }

    @Test("a server that outruns its reader is throttled, and nothing is lost")
    func backPressure() async throws {
        let total = 48 << 20
        let events = Events<Int>()
        let server = try TestServer { connection in
            guard connection.request() != nil else { return }
            connection.send("HTTP/1.1 200 OK\r\nContent-Length: \(total)\r\n\r\n")
            let block = [UInt8](repeating: 7, count: 64 << 10)
            var sent = 0
            var hasStalled = false
            while sent < total {
                if !hasStalled, !connection.canSend(within: 300) {
                    hasStalled = true
                    events.report(sent)
                }
                guard connection.send(block) else { return }
                sent += block.count
            }
            events.report(sent)
            connection.waitForClose()
        }
        let response = try await client.stream(HTTPRequest(.get, server.url))
        let stalledAt = try await events.next()
        #expect(stalledAt < total / 2, "only the window and the kernel's buffers are full")
        var read = 0
        var largest = 0
        for try await piece in response.body {
            read += piece.count
            largest = max(largest, piece.count)
        }
        #expect(read == total)
        #expect(largest <= HTTPClient.Settings().streamWindow)
        #expect(try await events.next() == total)
    }

    @Test("a paused stream does not hold up other requests")
    func pausedBeside() async throws {
        let server = try TestServer { connection in
            while let request = connection.request() {
                guard request.target == "/flood" else {
                    connection.send(TestConnection.Response.text("quick").bytes)
                    continue
                }
                connection.send("HTTP/1.1 200 OK\r\n\r\n")
                while connection.send([UInt8](repeating: 7, count: 64 << 10)) {}
            }
        }
        let flood = try await client.stream(HTTPRequest(.get, "\(server.url)/flood"))
        for _ in 0..<10 {
            #expect(try await client.send(HTTPRequest(.get, "\(server.url)/quick")).text == "quick")
        }
        withExtendedLifetime(flood) {}
    }

    @Test("bytes before a cut are delivered, then the error, every time")
    func cut() async throws {
        let server = try TestServer.writing("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf")
        let response = try await client.stream(HTTPRequest(.get, server.url))
        var iterator = response.body.makeAsyncIterator()
        #expect(try await iterator.next() == Array("half".utf8))
        for _ in 0..<2 {
            let error = await failure { try await iterator.next() }
            #expect(error?.code == .connectionLost)
        }
    }

    @Test("a reader that leaves early closes the connection")
    func abandon() async throws {
        let events = Events<String>()
        let server = try TestServer { connection in
            guard connection.request() != nil else { return }
            connection.send("HTTP/1.1 200 OK\r\n\r\nline one\nline")
            connection.waitForClose()
            events.report("closed")
        }
        func firstLine() async throws -> [UInt8]? {
            for try await line in try await client.stream(HTTPRequest(.get, server.url)).body.lines() {
                return line
            }
            return nil
        }
        #expect(try await firstLine() == Array("line one".utf8))
        #expect(try await events.next() == "closed")
    }

    @Test("a body without a network")
    func canned() async throws {
        let lost = HTTPError(.connectionLost, "cut")
        let body = HTTPBody(pieces: [Array("a\nb".utf8), Array("c\r\nd".utf8)], failure: lost)
        var iterator = body.lines().makeAsyncIterator()
        #expect(try await iterator.next() == Array("a".utf8))
        #expect(try await iterator.next() == Array("bc".utf8))
        await #expect(throws: lost) { try await iterator.next() }
    }
}
