import HTTP
import Ports
import ProviderConformance
import Testing

@testable import Docker

/// The engine over TCP, where both sides show certificates.
@Suite(.enabled(if: Engine.network != nil, Engine.hint), .timeLimit(.minutes(3)))
struct NetworkTests {
    /// What has most to do with the wire: many calls, uploads, the event stream.
    static let laws = ProviderConformance.cases.filter { law in
        ["after a crash", "is told to who follows"].contains { law.description.contains($0) }
    }

    @Test(arguments: laws)
    func conforms(_ law: ProviderConformance) async throws {
        #expect(Self.laws.count == 2)
        try await inWorld(try DockerWorld(overNetwork: true)) { try await law.check($0) }
    }

    struct Row: Sendable, CustomStringConvertible {
        let because: String
        var authority: String?
        var client: String?
        var codes: [ProviderError.Code] = [.unauthorised]
        let says: [String]
        var description: String { because }
    }

    static let rows = [
        Row(
            because: "another authority", authority: "other", client: "client",
            says: ["no TLS with the Docker engine at tcp://", "ca.pem", "spec.provider.docker.secretRef"]),
        Row(
            because: "no certificate of the client", authority: "ca", codes: [.unauthorised, .unavailable],
            says: ["cert.pem", "spec.provider.docker.secretRef"]),
        Row(
            because: "a certificate of another authority", authority: "ca", client: "other",
            // Said after the handshake: the word may be lost with the connection.
            codes: [.unauthorised, .unavailable], says: ["cert.pem", "spec.provider.docker.secretRef"]),
        Row(because: "no TLS", codes: [.unavailable], says: ["asks for TLS", "spec.provider.docker.secretRef"]),
    ]

    @Test(arguments: rows)
    func refuses(_ row: Row) async throws {
        let network = try #require(Engine.network)
        let pem = { (name: String) in try Engine.file("\(network.certificates)/\(name).pem") }
        let tls = try row.authority.map { authority in
            TLSSettings(
                caPEM: try pem(authority), certificatePEM: try row.client.map { try pem($0) },
                keyPEM: try row.client.map { try pem($0 + "-key") })
        }
        let client = EngineClient(try #require(EngineAddress(network.host)), tls: tls, http: HTTPClient())
        guard case .failure(let error) = await client.version() else {
            Issue.record("the engine took it")
            return
        }
        #expect(row.codes.contains(error.code))
        for text in row.says { #expect(error.message.contains(text), "\(error.message)") }
    }
}
