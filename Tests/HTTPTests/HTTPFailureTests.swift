import Testing

@testable import HTTP

@Suite("HTTP client: what goes wrong on the wire")
struct HTTPFailureTests {
    let client = HTTPClient()

    struct Wire: Sendable, CustomTestStringConvertible {
        let because: String
        let bytes: String
        let code: HTTPError.Code
        var testDescription: String { because }
    }

    static let wires = [
        Wire(because: "closed without a byte", bytes: "", code: .connectionLost),
        Wire(because: "cut inside the status line", bytes: "HTTP/1.1 2", code: .connectionLost),
        Wire(because: "cut inside a header", bytes: "HTTP/1.1 200 OK\r\nContent-Le", code: .connectionLost),
        Wire(
            because: "cut after a header", bytes: "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n",
            code: .connectionLost),
        Wire(
            because: "cut after an interim response", bytes: "HTTP/1.1 100 Continue\r\n\r\n",
            code: .connectionLost),
        Wire(
            because: "cut inside the body", bytes: "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nab",
            code: .connectionLost),
        Wire(
            because: "cut inside a chunk",
            bytes: "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab", code: .connectionLost),
        Wire(
            because: "cut before the last chunk",
            bytes: "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n", code: .connectionLost),
        Wire(because: "not HTTP", bytes: "SSH-2.0-OpenSSH_9.2\r\n", code: .other(1)),
        Wire(
            because: "a chunk size that is none",
            bytes: "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nab\r\n",
            code: .connectionLost),
        Wire(
            because: "a head larger than the limit",
            bytes: "HTTP/1.1 200 OK\r\n"
                + (0..<50).map { "X-\($0): \(String(repeating: "v", count: 2000))\r\n" }.joined(),
            code: .tooLarge),
        Wire(
            because: "one header larger than the limit",
            bytes: "HTTP/1.1 200 OK\r\nX: \(String(repeating: "v", count: 80_000))\r\n\r\n", code: .tooLarge),
        Wire(
            because: "more headers than the limit",
            bytes: "HTTP/1.1 200 OK\r\n" + String(repeating: "A: b\r\n", count: 600) + "\r\n", code: .tooLarge
        ),
        Wire(
            because: "trailers without end",
            bytes: "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n"
                + String(repeating: "A: \(String(repeating: "b", count: 100))\r\n", count: 1000),
            code: .tooLarge),
    ]

    @Test("a broken response is the right error", arguments: wires)
    func broken(_ wire: Wire) async throws {
        let server = try TestServer.writing(wire.bytes)
        let error = await failure {
            try await client.send(HTTPRequest(.post, server.url, body: [1]))
        }
        #expect(error?.code == wire.code, "\(error?.text ?? "")")
        #expect(error?.mayHaveBeenApplied == true)
        #expect(error?.text.contains("127.0.0.1:\(server.port)") == true)
    }

    @Test("a reset inside the response")
    func reset() async throws {
        let server = try TestServer { connection in
            _ = connection.request()
            connection.send("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nab")
            connection.resetOnClose()
        }
        let error = await failure { try await client.send(HTTPRequest(.get, server.url)) }
        #expect(error?.code == .connectionLost)
        #expect(error?.mayHaveBeenApplied == true)
    }

    @Test("nobody listens, nobody by that name")
    func noServer() async throws {
        var server: TestServer? = try TestServer { _ in }
        let url = try #require(server?.url)
        server = nil
        for url in [url, "http://name.invalid/"] {
            let error = await failure { try await client.send(HTTPRequest(.post, url, body: [1])) }
            #expect(error?.code == .couldNotConnect, "\(error?.text ?? "")")
            #expect(error?.mayHaveBeenApplied == false)
        }
    }

    /// The limit is 1000 bytes.
    static let large = [
        Wire(because: "announced", bytes: "HTTP/1.1 200 OK\r\nContent-Length: 1001\r\n\r\n", code: .tooLarge),
        Wire(
            because: "chunked",
            bytes: "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n400\r\n"
                + String(repeating: "a", count: 1024),
            code: .tooLarge),
        Wire(
            because: "until the connection ends",
            bytes: "HTTP/1.1 200 OK\r\n\r\n" + String(repeating: "a", count: 1001), code: .tooLarge),
    ]

    @Test("content over the cap is refused, in send and in stream", arguments: large, [false, true])
    func tooLarge(_ wire: Wire, isStream: Bool) async throws {
        let server = try TestServer.writing(wire.bytes)
        var request = HTTPRequest(.get, server.url)
        request.maxResponseBytes = 1000
        let error = await failure {
            guard isStream else {
                _ = try await client.send(request)
                return
            }
            for try await _ in try await client.stream(request).body {}
        }
        #expect(error?.code == .tooLarge)
    }

    @Test("content exactly at the cap is fine, and HEAD may announce more")
    func atTheCap() async throws {
        let server = try TestServer { connection in
            while let request = connection.request() {
                let isHead = request.method == "HEAD"
                connection.send("HTTP/1.1 200 OK\r\nContent-Length: \(isHead ? 5_000_000 : 1000)\r\n\r\n")
                if !isHead { connection.send([UInt8](repeating: 65, count: 1000)) }
            }
        }
        for method in [HTTPMethod.get, .head] {
            var request = HTTPRequest(method, server.url)
            request.maxResponseBytes = 1000
            #expect(try await client.send(request).body.count == (method == .head ? 0 : 1000))
        }
    }

    @Test(
        "a kept connection that died: repeated only when that is harmless",
        arguments: [HTTPMethod.get, .put, .post])
    func deadConnection(_ method: HTTPMethod) async throws {
        let posts = Counter()
        let server = try TestServer { connection in
            guard let first = connection.request() else { return }
            if first.target == "/second" { posts.add() }
            connection.send(TestConnection.Response.text("answer").bytes)
            // The second request on this connection is read and never answered.
            if let second = connection.request(), second.target == "/second" { posts.add() }
        }
        _ = try await client.send(HTTPRequest(.get, "\(server.url)/first"))
        let second = HTTPRequest(method, "\(server.url)/second", body: method == .get ? [] : [1, 2, 3])
        if method.isIdempotent {
            #expect(try await client.send(second).text == "answer")
            #expect(posts.value == 2)
        } else {
            let error = await failure { try await client.send(second) }
            #expect(error?.code == .connectionLost)
            #expect(error?.mayHaveBeenApplied == true)
            #expect(posts.value == 1)
        }
    }

    @Test("a POST that declares itself repeatable is repeated, content and all")
    func repeatablePost() async throws {
        let server = try TestServer { connection in
            guard let first = connection.request() else { return }
            connection.send(TestConnection.Response(body: first.body).bytes)
            _ = connection.request()
        }
        _ = try await client.send(HTTPRequest(.get, server.url))
        var post = HTTPRequest(.post, server.url, body: Array("once more".utf8))
        post.isIdempotent = true
        #expect(try await client.send(post).text == "once more")
    }
}
