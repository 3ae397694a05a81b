import Testing

@testable import HTTP

@Suite("Requests: what is refused, and what is never said")
struct HTTPRequestTests {
    struct Bad: Sendable, CustomTestStringConvertible {
        let because: String
        var url = "http://a.test/"
        var headers: HTTPHeaders = [:]
        var socketPath: String?
        var code = HTTPError.Code.invalidRequest
        var testDescription: String { because }
    }

    static let bad = [
        Bad(because: "empty", url: "", code: .invalidURL),
        Bad(because: "no scheme", url: "a.test/x", code: .invalidURL),
        Bad(because: "no host", url: "http:///x", code: .invalidURL),
        Bad(because: "a file", url: "file:///etc/passwd", code: .invalidURL),
        Bad(because: "ftp", url: "ftp://a.test/", code: .invalidURL),
        Bad(because: "credentials", url: "http://me:secret@a.test/", code: .invalidURL),
        Bad(because: "a space", url: "http://a.test/secret x", code: .invalidURL),
        Bad(because: "a line break", url: "http://a.test/secret\r\nX: y", code: .invalidURL),
        Bad(because: "a NUL", url: "http://a.test/secret\0x", code: .invalidURL),
        Bad(because: "a port that is none", url: "http://a.test:99999/", code: .invalidURL),
        Bad(
            because: "endless", url: "http://a.test/" + String(repeating: "a", count: 70_000),
            code: .invalidURL),
        Bad(because: "a second header in a value", headers: ["X": "a\r\nsecret: b"]),
        Bad(because: "a NUL in a value", headers: ["X": "secret\0"]),
        Bad(because: "a colon in a name", headers: ["X:secret": "b"]),
        Bad(because: "a space in a name", headers: ["X secret": "b"]),
        Bad(because: "no name", headers: ["": "secret"]),
        Bad(because: "a wrong length", headers: ["Content-Length": "7"]),
        Bad(because: "a transfer coding", headers: ["transfer-encoding": "chunked"]),
        Bad(because: "headers without measure", headers: ["X": String(repeating: "s", count: 300_000)]),
        Bad(because: "no socket path", socketPath: ""),
        Bad(because: "a long socket path", socketPath: "/" + String(repeating: "s", count: 107)),
    ]

    @Test("refused before anything is sent", arguments: bad)
    func refused(_ bad: Bad) async throws {
        var request = HTTPRequest(.get, bad.url, headers: bad.headers)
        request.unixSocketPath = bad.socketPath
        let error = await failure { try await HTTPClient().send(request) }
        #expect(error?.code == bad.code)
        #expect(error?.mayHaveBeenApplied == false)
        #expect(error?.text.contains("secret") == false)
        #expect(error?.text.utf8.count ?? 0 < 300)
    }

    @Test("no error and no description holds a path, a query, a header or a body")
    func secrets() async throws {
        let server = try TestServer.writing(
            "HTTP/1.1 200 OK\r\nX-Secret: secret\r\nContent-Length: 10\r\n\r\nsecret")
        var request = HTTPRequest(
            .post, "\(server.url)/secret?signature=secret", headers: ["Authorization": "Bearer secret"],
            body: Array("secret".utf8))
        request.tls.keyPEM = Array("secret".utf8)
        let error = await failure { try await HTTPClient().send(request) }
        let said = [error.map { "\($0)" } ?? "", "\(request)", String(reflecting: request), "\(request.tls)"]
        for text in said { #expect(!text.contains("secret"), "\(text)") }
        #expect(Mirror(reflecting: request).children.isEmpty)
        #expect("\(request)" == "POST 127.0.0.1:\(server.port), 6 bytes")
    }

    @Test("the parts of a URL")
    func parts() throws {
        let plain = try URLParts("http://a.test/x?y")
        #expect((plain.host, plain.port, plain.authority) == ("a.test", "80", "a.test"))
        let v6 = try URLParts("https://[::1]:6443")
        #expect((v6.scheme, v6.host, v6.port, v6.authority) == ("https", "[::1]", "6443", "[::1]:6443"))
    }

    @Test("a TLS server name stands in for the host")
    func serverName() throws {
        var request = HTTPRequest(.get, "https://10.0.0.1:6443/api?x=1")
        request.tls.serverName = "kubernetes"
        let prepared = try PreparedRequest(request, HTTPClient.Settings())
        #expect(prepared.url == "https://kubernetes:6443/api?x=1")
        #expect(prepared.connectTo == "kubernetes:6443:10.0.0.1:6443")
        #expect(prepared.headerLines.contains("Host: 10.0.0.1:6443"))
        #expect(prepared.host == "10.0.0.1:6443")
    }
}
