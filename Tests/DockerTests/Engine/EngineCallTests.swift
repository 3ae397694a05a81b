import HTTP
import Model
import Testing
import Tree

@testable import Docker

struct EngineCallTests {
    struct Row: Sendable, CustomStringConvertible {
        let call: EngineCall
        let wire: String
        let changes: Bool
        var description: String { call.what }
    }

    static let rows = [
        Row(call: .version, wire: "GET /version", changes: false),
        Row(call: .info, wire: "GET /v1.41/info", changes: false),
        Row(
            call: .list(cluster: "a b"),
            wire:
                "GET /v1.41/containers/json?all=1&filters=%7B%22label%22%3A%5B%22reconcile.dev%2Fcluster%3Da%20b%22%5D%7D",
            changes: false),
        Row(call: .inspect("n-1"), wire: "GET /v1.41/containers/n-1/json", changes: false),
        Row(call: .inspect("../x"), wire: "GET /v1.41/containers/..%2Fx/json", changes: false),
        Row(call: .create("n-1", [:]), wire: "POST /v1.41/containers/create?name=n-1", changes: true),
        Row(call: .start("c0"), wire: "POST /v1.41/containers/c0/start", changes: true),
        Row(call: .terminate("c0"), wire: "POST /v1.41/containers/c0/kill?signal=SIGTERM", changes: true),
        Row(call: .remove("c0"), wire: "DELETE /v1.41/containers/c0?force=1&v=1", changes: true),
        Row(call: .file("c0", "/a"), wire: "HEAD /v1.41/containers/c0/archive?path=%2Fa", changes: false),
        Row(
            call: .upload("c0", to: "/a", [], timeout: .seconds(1)),
            wire: "PUT /v1.41/containers/c0/archive?path=%2Fa", changes: true),
        Row(call: .image("a/b:c"), wire: "GET /v1.41/images/a%2Fb%3Ac/json", changes: false),
        Row(
            call: .pull(ImageReference("h:1/a")),
            wire: "POST /v1.41/images/create?fromImage=h%3A1%2Fa&tag=latest", changes: true),
        Row(call: .network("bridge"), wire: "GET /v1.41/networks/bridge", changes: false),
        Row(call: .removeVolume("v"), wire: "DELETE /v1.41/volumes/v", changes: true),
    ]

    @Test(arguments: rows)
    func goesOverTheWireAs(_ row: Row) {
        #expect("\(row.call.method.rawValue) \(row.call.target(version: "1.41"))" == row.wire)
        #expect(row.call.changes == row.changes)
    }

    @Test("Events are asked for by cluster and kind, from the last one on")
    func events() {
        let target = EngineCall.events(cluster: "c", since: EngineEvent.mark(nanoseconds: 1_700_000_000_000_000_042))
            .target(version: "1.41")
        #expect(target.hasPrefix("/v1.41/events?since=1700000000.000000042&filters="))
        #expect(target.contains("%22create%22%2C%22start%22%2C%22die%22%2C%22oom%22%2C%22destroy%22"))
        #expect(!EngineCall.events(cluster: "c", since: nil).target(version: "1.41").contains("since"))
    }
}

struct EngineAddressTests {
    @Test(arguments: [
        ("unix:///var/run/docker.sock", "http://docker"), ("tcp://10.0.0.1:2376", "https://10.0.0.1:2376"),
        ("tcp://engine:2375", "https://engine:2375"), ("tcp://[::1]:2376", "https://[::1]:2376"),
    ])
    func isAnAddress(_ text: String, _ base: String) throws {
        let address = try #require(EngineAddress(text))
        #expect(address.base(tls: true) == base)
        #expect(address.isHere == text.hasPrefix("unix"))
    }

    @Test(arguments: [
        "", "/var/run/docker.sock", "unix://docker.sock", "tcp://host", "tcp://:2375", "tcp://host:0",
        "tcp://host:99999",
        "tcp://host:1/path", "tcp://user@host:1", "http://host:1", "npipe:////./pipe/docker",
        "unix:///" + String(repeating: "a", count: 107),
    ])
    func isNone(_ text: String) { #expect(EngineAddress(text) == nil) }
}

struct EngineVersionTests {
    struct Row: Sendable, CustomStringConvertible {
        let engine: String
        let least: String
        /// Nil: impossible.
        let speak: String?
        let because: String
        var description: String { because }
    }

    static let rows = [
        Row(engine: "1.41", least: "1.12", speak: "1.41", because: "Docker 20.10 is the oldest"),
        Row(engine: "1.44", least: "1.24", speak: "1.44", because: "what the engine has, where we know it"),
        Row(engine: "1.52", least: "1.44", speak: "1.47", because: "no newer than we know"),
        Row(engine: "1.40", least: "1.12", speak: nil, because: "Docker 19.03 is too old"),
        Row(engine: "1.60", least: "1.50", speak: nil, because: "an engine that has left us behind"),
        Row(engine: "2.0", least: "1.47", speak: "1.47", because: "a new major version that still answers"),
    ]

    @Test(arguments: rows)
    func negotiates(_ row: Row) throws {
        let negotiated = EngineVersion.negotiate(
            engine: try #require(EngineVersion(row.engine)), least: try #require(EngineVersion(row.least)))
        switch negotiated {
        case .speak(let version): #expect(version.description == row.speak)
        case .impossible(let why):
            #expect(row.speak == nil)
            #expect(why.contains("upgrade") || why.contains("newer release"), "it says what to do: \(why)")
        }
    }

    @Test(arguments: ["", "1", "1.", "1.x", "-1.2", "1.2.3"])
    func isNoVersion(_ text: String) { #expect(EngineVersion(text) == nil) }
}
