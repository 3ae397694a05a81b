import Testing

@testable import HTTP

@Suite("HTTP client: timeouts and cancellation")
struct HTTPTimeoutTests {
    let client = HTTPClient()

    /// Reads a request, says so, writes what it has, then stalls until the client closes, and says that.
    private func stalling(_ said: String, _ events: Events<String>) throws -> TestServer {
        try TestServer { connection in
            guard connection.request() != nil else { return }
            connection.send(said)
            events.report("request")
            connection.waitForClose()
            events.report("closed")
        }
    }

    @Test(
        "the timeout counts to the last byte",
        arguments: ["", "HTTP/1.1 200 OK\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nab"])
    func timeout(_ said: String) async throws {
        let events = Events<String>()
        let server = try stalling(said, events)
        let started = ContinuousClock.now
        let error = await failure {
            try await client.send(HTTPRequest(.post, server.url, body: [1], timeout: .milliseconds(150)))
        }
        #expect(error?.code == .timeout)
        #expect(error?.mayHaveBeenApplied == true)
        #expect(ContinuousClock.now - started >= .milliseconds(150))
        #expect(try await events.next() == "request")
        #expect(try await events.next() == "closed", "the connection is not kept")
    }

    @Test("a connect timeout: the backlog of a listener is full")
    func connectTimeout() async throws {
        let listener = try FullListener()
        var request = HTTPRequest(.post, listener.url, body: [1])
        request.connectTimeout = .milliseconds(150)
        let error = await failure { try await client.send(request) }
        #expect(error?.code == .timeout, "\(error?.text ?? "")")
        #expect(error?.mayHaveBeenApplied == false)
    }

    @Test("a stream's timeout ends with its head; its low-speed limit goes on")
    func lowSpeed() async throws {
        let server = try stalling("HTTP/1.1 200 OK\r\n\r\nline\n", Events())
        var request = HTTPRequest(.get, server.url, timeout: .milliseconds(150))
        request.lowSpeed = .silence(.milliseconds(300))
        let started = ContinuousClock.now
        let response = try await client.stream(request)
        var pieces: [[UInt8]] = []
        let error = await failure {
            for try await piece in response.body { pieces.append(piece) }
        }
        #expect(pieces == [Array("line\n".utf8)])
        #expect(error?.code == .timeout, "\(error?.text ?? "")")
        #expect(ContinuousClock.now - started >= .milliseconds(300))
    }

    @Test("a stream that nobody reads is not slow")
    func pausedIsNotSlow() async throws {
        let server = try TestServer { connection in
            guard connection.request() != nil else { return }
            connection.send("HTTP/1.1 200 OK\r\n\r\n")
            while connection.send([UInt8](repeating: 7, count: 64 << 10)) {}
        }
        var request = HTTPRequest(.get, server.url)
        request.lowSpeed = .silence(.milliseconds(100))
        let response = try await client.stream(request)
        // A whole request of twice that time passes on the same loop while the stream is paused.
        let stalled = try stalling("", Events())
        let beside = await failure {
            try await client.send(HTTPRequest(.get, stalled.url, timeout: .milliseconds(200)))
        }
        #expect(beside?.code == .timeout)
        var iterator = response.body.makeAsyncIterator()
        for _ in 0..<100 { #expect(try await iterator.next() != nil) }
    }

    @Test("a stream without a head in time")
    func streamTimeout() async throws {
        let server = try stalling("HTTP/1.1 200 OK\r\n", Events())
        let error = await failure {
            try await client.stream(HTTPRequest(.get, server.url, timeout: .milliseconds(100)))
        }
        #expect(error?.code == .timeout)
    }

    @Test("cancelling the task ends send at once and closes the connection")
    func cancelSend() async throws {
        let events = Events<String>()
        let server = try stalling("", events)
        let task = Task { [client] in
            try await client.send(HTTPRequest(.post, server.url, body: [1], timeout: nil))
        }
        #expect(try await events.next() == "request")
        task.cancel()
        let error = await failure { try await task.value }
        #expect(error?.code == .cancelled)
        #expect(error?.mayHaveBeenApplied == true)
        #expect(try await events.next() == "closed")
    }

    @Test("a task cancelled before it sends, sends nothing")
    func cancelledBefore() async throws {
        let connections = Counter()
        let server = try TestServer { _ in connections.add() }
        let gate = Events<Bool>()
        let task = Task { [client] in
            _ = try? await gate.next()
            return try await client.send(HTTPRequest(.post, server.url, body: [1]))
        }
        task.cancel()
        gate.report(true)
        let error = await failure { try await task.value }
        #expect(error?.code == .cancelled)
        #expect(error?.mayHaveBeenApplied == false)
        await client.shutdown()
        #expect(connections.value == 0)
    }

    @Test("cancelling the reader of a stream ends it", arguments: [false, true])
    func cancelStream(_ hasHead: Bool) async throws {
        let events = Events<String>()
        let server = try stalling(hasHead ? "HTTP/1.1 200 OK\r\n\r\npiece" : "", events)
        let read = Events<[UInt8]>()
        let task = Task { [client] in
            let response = try await client.stream(HTTPRequest(.get, server.url, timeout: nil))
            for try await piece in response.body { read.report(piece) }
        }
        #expect(try await events.next() == "request")
        if hasHead { #expect(try await read.next() == Array("piece".utf8)) }
        task.cancel()
        let error = await failure { try await task.value }
        #expect(error?.code == .cancelled)
        #expect(try await events.next() == "closed")
    }

    @Test("the time in the queue counts")
    func queueTime() async throws {
        var settings = HTTPClient.Settings()
        settings.maxTransfers = 1
        let client = HTTPClient(settings)
        let events = Events<String>()
        let server = try stalling("", events)
        let holder = Task { try await client.send(HTTPRequest(.get, server.url, timeout: nil)) }
        #expect(try await events.next() == "request")
        let error = await failure {
            try await client.send(HTTPRequest(.post, server.url, body: [1], timeout: .milliseconds(100)))
        }
        #expect(error?.code == .timeout)
        #expect(error?.mayHaveBeenApplied == false)
        holder.cancel()
        _ = await holder.result
    }
}
