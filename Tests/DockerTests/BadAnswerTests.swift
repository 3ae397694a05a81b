import HTTP
import Model
import Ports
import Testing

@testable import Docker

/// What a provider makes of an engine that says something unexpected: a code and a sentence, and nothing started.
struct BadAnswerTests {
    struct Row: Sendable, CustomStringConvertible {
        let because: String
        let path: String
        var status = 200
        let body: String
        let code: ProviderError.Code
        let says: String
        var description: String { because }
    }

    static let rows = [
        Row(
            because: "a web server", path: "/version", body: "<html>hello</html>", code: .unavailable,
            says: "is that a Docker engine?"),
        Row(because: "half a JSON", path: "/version", body: #"{"ApiVers"#, code: .unavailable, says: "can't be read"),
        Row(
            because: "an engine of 2019", path: "/version", body: #"{"ApiVersion":"1.40","MinAPIVersion":"1.12"}"#,
            code: .unavailable, says: "upgrade"),
        Row(
            because: "an engine that has left us behind", path: "/version",
            body: #"{"ApiVersion":"1.99","MinAPIVersion":"1.90"}"#, code: .unavailable, says: "newer release"),
        Row(
            because: "Windows containers", path: "/info", body: #"{"Architecture":"x86_64","OSType":"windows"}"#,
            code: .unavailable, says: "switch it to Linux"),
        Row(
            because: "another architecture", path: "/info", body: #"{"Architecture":"aarch64","OSType":"linux"}"#,
            code: .unavailable, says: "hack/bundle"),
        Row(
            because: "a network without a gateway", path: "/networks/bridge", body: #"{"IPAM":{"Config":[]}}"#,
            code: .unavailable, says: "gatewayAddress"),
        Row(
            because: "a network that is not there", path: "/networks/bridge", status: 404,
            body: #"{"message":"network bridge not found"}"#, code: .invalid, says: "docker network create bridge"),
        Row(
            because: "an image for another machine", path: "/images/img/json", body: #"{"Architecture":"arm64"}"#,
            code: .invalid, says: "choose one for amd64"),
        Row(
            because: "half an answer to a create", path: "/containers/create", status: 201, body: #"{"Id":"c0"#,
            code: .unknownOutcome, says: "can't be read"),
        Row(
            because: "a full disk", path: "/containers/create", status: 500,
            body: #"{"message":"mkdir: no space left on device"}"#, code: .capacity, says: "docker system prune"),
        Row(
            because: "a stranger's container of the name", path: "/containers/reconcile-u-1-3-2/json",
            body: #"{"Id":"s","State":{"Status":"running"},"Config":{"Labels":{}}}"#, code: .conflict,
            says: "left as it is"),
        Row(
            because: "a runtime that can't start it", path: "/start", status: 400,
            body: #"{"message":"OCI runtime create failed: exec format error"}"#, code: .invalid,
            says: "for the engine's architecture"),
        Row(
            because: "a container that was removed meanwhile", path: "/start", status: 404,
            body: #"{"message":"No such container: c0ffee"}"#, code: .conflict, says: "removed while it was made"),
    ]

    static func provider(_ engine: CannedEngine, address: String = "unix:///e.sock") throws -> DockerProvider {
        var settings = DockerProvider.Settings(clusterID: "cluster-a", authority: "PEM")
        settings.image = "img"
        return DockerProvider(
            settings, engine: EngineClient(try #require(EngineAddress(address)), http: engine),
            surroundings: .init(bundle: { SmallBundle.make() }, reach: { "https://\($0):1" }))
    }

    @Test(arguments: rows)
    func creating(_ row: Row) async throws {
        let engine = CannedEngine([(row.path, .init(status: row.status, body: row.body))])
        let provider = try Self.provider(engine)
        let refusal = await #expect(throws: ProviderError.self) { try await provider.create(.sample()) }
        #expect(refusal?.code == row.code)
        #expect(refusal?.message.contains(row.says) == true, "\(refusal?.message ?? "")")
        if row.path != "/start" { #expect(!engine.calls.contains { $0.hasSuffix("/start") }, "nothing is started") }
    }

    @Test("A create asks for what is there before it makes anything, and starts last")
    func order() async throws {
        let engine = CannedEngine()
        try await Self.provider(engine).create(.sample())
        let calls = engine.calls.map { $0.replacing("/v1.41", with: "") }
        #expect(
            calls == [
                "GET /version", "GET /info", "GET /networks/bridge", "GET /containers/json",
                "GET /containers/reconcile-u-1-3-2/json",
                "GET /containers/json", "GET /images/img/json", "POST /containers/create",
                "HEAD /containers/c0ffee/archive",
                "PUT /containers/c0ffee/archive", "POST /containers/c0ffee/start",
            ])
    }

    @Test("What has ended is not started again, and what is another cluster's is not asked for")
    func untouched() async throws {
        let labels =
            #"{"reconcile.dev/cluster":"cluster-a","reconcile.dev/worker-uid":"u-1","reconcile.dev/slot":"3","reconcile.dev/attempt":"2"}"#
        for status in ["exited", "dead", "running", "removing"] {
            let body = #"{"Id":"c","State":{"Status":"\#(status)","ExitCode":1},"Config":{"Labels":\#(labels)}}"#
            let engine = CannedEngine([("/containers/reconcile-u-1-3-2/json", .init(body: body))])
            try await Self.provider(engine).create(.sample())
            #expect(!engine.calls.contains { $0.hasPrefix("POST") || $0.hasPrefix("PUT") }, "\(status)")
        }
        let engine = CannedEngine()
        let refusal = await #expect(throws: ProviderError.self) {
            try await Self.provider(engine).create(.sample(cluster: "cluster-b"))
        }
        #expect(refusal?.code == .invalid && engine.calls.isEmpty)
        #expect(try await Self.provider(engine).inventory(clusterID: "cluster-b").isEmpty && engine.calls.isEmpty)
    }

    @Test("An engine on another machine needs to be told where its containers reach the gateway")
    func remote() async throws {
        let provider = try Self.provider(CannedEngine(), address: "tcp://10.0.0.1:2375")
        let refusal = await #expect(throws: ProviderError.self) { try await provider.create(.sample()) }
        #expect(refusal?.code == .unavailable)
        #expect(refusal?.message.contains("spec.provider.docker.gatewayAddress") == true)
    }

    @Test("A pull that fails says how far it came, and what else can be done")
    func pulling() async throws {
        let lines = #"{"status":"Pulling fs layer","id":"a"}"# + "\n" + #"{"error":"manifest unknown"}"# + "\n"
        let engine = CannedEngine([
            ("/images/img/json", .init(status: 404, body: #"{"message":"No such image"}"#)),
            ("/images/create", .init(body: lines)),
        ])
        let refusal = await #expect(throws: ProviderError.self) {
            try await Self.provider(engine).create(.sample())
        }
        #expect(refusal?.code == .invalid)
        for text in ["manifest unknown", "0 of 1 layers", "docker load"] {
            #expect(refusal?.message.contains(text) == true, "\(refusal?.message ?? "")")
        }
    }

    @Test("A list that is none, and uids that can't be names, are refused")
    func lists() async throws {
        let engine = CannedEngine([("/containers/json", .init(body: "{}"))])
        let refusal = await #expect(throws: ProviderError.self) {
            try await Self.provider(engine).inventory(clusterID: "cluster-a")
        }
        #expect(refusal?.code == .unavailable)
        for uid in ["", "a/b", "a b", String(repeating: "a", count: 101)] {
            let refused = await #expect(throws: ProviderError.self) {
                try await Self.provider(CannedEngine()).create(.sample(uid: uid))
            }
            #expect(refused?.code == .invalid)
        }
    }

    @Test(
        "An engine that was exchanged for an older or a newer one is spoken to in its version the next time",
        arguments: ["new. Maximum supported API version is 1.41", "old. Minimum supported API version is 1.44"])
    func renegotiates(_ words: String) async throws {
        let body = #"{"message":"client version 1.41 is too \#(words)"}"#
        let engine = CannedEngine([("/info", .init(status: 400, body: body))])
        let provider = try Self.provider(engine)
        for _ in 0..<2 {
            let refusal = await #expect(throws: ProviderError.self) { try await provider.create(.sample()) }
            #expect(refusal?.code == .unavailable)
        }
        #expect(engine.calls.count { $0 == "GET /version" } == 2)
    }
}
