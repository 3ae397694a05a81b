import Testing

@testable import HTTP

@Suite("HTTP client: TLS")
struct HTTPTLSTests {
    let client = HTTPClient()
    let certificates: Certificates

    init() throws { certificates = try Certificates() }

    private func code(_ url: String, _ tls: TLSSettings) async throws -> HTTPError.Code? {
        var request = HTTPRequest(.get, url)
        request.tls = tls
        do {
            return try await client.send(request).status == 200 ? nil : .other(0)
        } catch {
            #expect(error.text.contains("127.0.0.1"), "the host that was asked for: \(error.text)")
            return error.code
        }
    }

    @Test("trust comes from the CA that was given, and names are checked")
    func trust() async throws {
        let server = try TLSServer(certificates)
        let ca = try certificates.pem("ca")
        #expect(try await code(server.url, TLSSettings(caPEM: ca)) == nil)
        #expect(try await code(server.url, TLSSettings(caPEM: ca, serverName: "worker.test")) == nil)
        #expect(try await code(server.url, TLSSettings(caPEM: ca, serverName: "other.test")) == .tls)
        #expect(try await code(server.url, TLSSettings()) == .tls, "the system does not know this CA")
        #expect(try await code(server.url, TLSSettings(caPEM: certificates.pem("other"))) == .tls)
        #expect(try await code(server.url, TLSSettings(caPEM: Array("not PEM".utf8))) == .tls)
    }

    @Test("a kept connection is not shared with a request that trusts another CA")
    func reuseKeepsTrust() async throws {
        let server = try TLSServer(certificates)
        for _ in 0..<2 {
            #expect(try await code(server.url, TLSSettings(caPEM: certificates.pem("ca"))) == nil)
            #expect(try await code(server.url, TLSSettings(caPEM: certificates.pem("other"))) == .tls)
        }
    }

    @Test("a client certificate", arguments: ["-tls1_2", "-tls1_3"])
    func clientCertificate(_ version: String) async throws {
        let server = try TLSServer(certificates, "-Verify 1 -verify_return_error \(version)")
        let ca = try certificates.pem("ca")
        let own = try TLSSettings(
            caPEM: ca, certificatePEM: certificates.pem("client"), keyPEM: certificates.keyPEM("client"))
        #expect(try await code(server.url, own) == nil)
        #expect(try await code(server.url, TLSSettings(caPEM: ca)) == .tls)
        let foreign = try TLSSettings(
            caPEM: ca, certificatePEM: certificates.pem("other"), keyPEM: certificates.keyPEM("other"))
        #expect(try await code(server.url, foreign) == .tls)
        let mismatched = try TLSSettings(
            caPEM: ca, certificatePEM: certificates.pem("client"), keyPEM: certificates.keyPEM("other"))
        #expect(try await code(server.url, mismatched) == .tls)
    }

    @Test("a server that does not speak TLS")
    func plain() async throws {
        let plain = try TestServer { connection in
            connection.send("HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")
            connection.waitForClose()
        }
        #expect(try await code("https://127.0.0.1:\(plain.port)/", TLSSettings()) == .tls)
    }
}
