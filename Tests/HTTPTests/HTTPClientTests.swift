import Testing

@testable import HTTP

@Suite("HTTP client: requests and responses")
struct HTTPClientTests {
    let client = HTTPClient()

    @Test("every method goes out with its content", arguments: HTTPMethod.allCases)
    func method(_ method: HTTPMethod) async throws {
        let seen = Events<TestConnection.Request>()
        let server = try TestServer.answering { request in
            seen.report(request)
            return TestConnection.Response(body: request.method == "HEAD" ? [] : Array(request.method.utf8))
        }
        let body = method.expectsContent ? Array("content".utf8) : []
        let response = try await client.send(HTTPRequest(method, "\(server.url)/a/../b?q=1", body: body))
        let request = try await seen.next()
        #expect(request.method == method.rawValue)
        #expect(request.target == "/a/../b?q=1", "the path is sent as it is")
        #expect(request.body == body)
        #expect(request.header("Content-Length") == (method.expectsContent ? "7" : nil))
        #expect(response.status == 200)
        #expect(response.text == (method == .head ? "" : method.rawValue))
    }

    @Test("an empty POST, PUT and PATCH say so", arguments: [HTTPMethod.post, .put, .patch])
    func emptyContent(_ method: HTTPMethod) async throws {
        let server = try TestServer.answering { .text($0.header("Content-Length") ?? "none") }
        #expect(try await client.send(HTTPRequest(method, server.url)).text == "0")
    }

    @Test("headers go out as given, in order, and nothing else but Host and Accept")
    func requestHeaders() async throws {
        let server = try TestServer.answering { .text($0.headerLines.joined(separator: "|")) }
        var request = HTTPRequest(
            .post, server.url, headers: ["X-B": "2", "x-a": "1", "X-Empty": ""], body: [65])
        request.headers.add("X-B", "3")
        let lines = try await client.send(request).text.split(separator: "|").map(String.init)
        #expect(
            lines == [
                "Host: 127.0.0.1:\(server.port)", "Accept: */*", "X-B: 2", "x-a: 1", "X-Empty:", "X-B: 3",
                "Content-Length: 1",
            ])
    }

    @Test("content that is read while it is sent arrives whole, and what can't be read ends the request with why")
    func uploads() async throws {
        struct Gone: Error {}
        let server = try TestServer.answering { TestConnection.Response(body: $0.body) }
        let content = (0..<3_000_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
        var request = HTTPRequest(.put, server.url)
        request.upload = HTTPUpload(length: content.count) { offset, most in
            Array(content[offset..<min(offset + min(most, 1000), content.count)])
        }
        #expect(try await HTTPClient().send(request).body == content)
        request.upload = HTTPUpload(length: content.count) { offset, _ in
            guard offset < 100_000 else { throw Gone() }
            return [1]
        }
        await #expect {
            _ = try await HTTPClient().send(request)
        } throws: { error in
            "\(error)".contains("the content to send can't be read")
        }
        request.upload = HTTPUpload(length: 10) { _, _ in [] }
        await #expect {
            _ = try await HTTPClient().send(request)
        } throws: { error in
            "\(error)".contains("it ends at byte 0 of 10")
        }
    }

    @Test("the user agent and a large body arrive whole")
    func largeBody() async throws {
        let server = try TestServer.answering { request in
            TestConnection.Response(
                headers: ["X-Agent: \(request.header("User-Agent") ?? "")"], body: request.body)
        }
        var settings = HTTPClient.Settings()
        settings.userAgent = "reconcile/1"
        let body = (0..<3_000_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
        let response = try await HTTPClient(settings).send(HTTPRequest(.put, server.url, body: body))
        #expect(response.body == body)
        #expect(response.headers["x-agent"] == "reconcile/1")
    }

    @Test("response headers keep order and repetition; interim responses are not shown")
    func responseHeaders() async throws {
        let server = try TestServer.writing(
            "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 404 Not Found\r\nSet-Cookie: a=1\r\n"
                + "X-Long: one\r\n two\r\nset-cookie: b=2\r\nContent-Length: 2\r\n\r\nno")
        let response = try await client.send(HTTPRequest(.get, server.url))
        #expect(response.status == 404)
        #expect(!response.isSuccess)
        #expect(response.headers.values("SET-COOKIE") == ["a=1", "b=2"])
        #expect(response.headers["X-Long"] == "one two")
        #expect(response.headers["Link"] == nil)
        #expect(response.text == "no")
    }

    @Test("redirects are answers, not orders")
    func redirect() async throws {
        let server = try TestServer.answering { _ in
            TestConnection.Response(status: 302, headers: ["Location: http://127.0.0.1:1/"])
        }
        #expect(try await client.send(HTTPRequest(.get, server.url)).status == 302)
    }

    @Test("a chunked response with trailers, one byte at a time")
    func trickledChunks() async throws {
        let server = try TestServer { connection in
            guard connection.request() != nil else { return }
            let wire =
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
                + "5\r\nhello\r\n6\r\n world\r\n0\r\nX-T: 1\r\n\r\n"
            for byte in wire.utf8 { connection.send([byte]) }
            connection.waitForClose()
        }
        let response = try await client.send(HTTPRequest(.get, server.url))
        #expect(response.text == "hello world")
        #expect(response.headers["X-T"] == nil, "trailers are dropped")
    }

    @Test("a body without a length ends with the connection")
    func untilClose() async throws {
        let server = try TestServer.writing("HTTP/1.1 200 OK\r\n\r\nuntil the end")
        #expect(try await client.send(HTTPRequest(.get, server.url)).text == "until the end")
    }

    @Test("one connection serves request after request")
    func reuse() async throws {
        let connections = Counter()
        let server = try TestServer { connection in
            connections.add()
            while let request = connection.request() {
                connection.send(TestConnection.Response.text(request.target).bytes)
            }
        }
        for turn in 0..<20 {
            #expect(try await client.send(HTTPRequest(.get, "\(server.url)/\(turn)")).text == "/\(turn)")
        }
        #expect(connections.value == 1)
    }

    @Test("connections are not inherited by child processes")
    func closeOnExec() async throws {
        let server = try TestServer.answering { _ in .text("answer") }
        let response = try await client.stream(HTTPRequest(.get, server.url))
        let mine = descriptors(connectedTo: server.port)
        #expect(mine.count == 1)
        for descriptor in mine { #expect(isCloseOnExec(descriptor)) }
        withExtendedLifetime(response) {}
    }

    @Test("a proxy from the settings gets the absolute URL")
    func proxy() async throws {
        let server = try TestServer.answering { .text($0.target) }
        var settings = HTTPClient.Settings()
        settings.proxy = server.url
        let response = try await HTTPClient(settings).send(HTTPRequest(.get, "http://nowhere.invalid/x"))
        #expect(response.text == "http://nowhere.invalid/x")
    }

    @Test("a Unix socket, with the URL's host as a name only")
    func unixSocket() async throws {
        let directory = try TemporaryDirectory()
        let server = try TestServer(socketPath: directory.file("socket")) { connection in
            while let request = connection.request() {
                connection.send(
                    TestConnection.Response.text("\(request.target) \(request.header("Host") ?? "")").bytes)
            }
        }
        var request = HTTPRequest(.get, "http://docker/v1.41/info")
        request.unixSocketPath = server.socketPath
        #expect(try await client.send(request).text == "/v1.41/info docker")
        request.unixSocketPath = directory.file("nobody")
        let error = await failure { try await client.send(request) }
        #expect(error?.code == .couldNotConnect)
    }
}
