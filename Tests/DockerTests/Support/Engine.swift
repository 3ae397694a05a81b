import Documents
import Glibc
import HTTP
import Kernel
import Testing
import Tree

@testable import Docker

/// The real engine of a test run, which `hack/engine` starts on a socket of its own; looked at here behind the
/// provider's back.
struct Engine: Sendable {
    /// Nil: there is none. With `CI=true` that fails.
    static let socket: String? = getenv("RECONCILE_TEST_ENGINE").map { String(cString: $0) }
    static let isDemanded = getenv("CI").map { String(cString: $0) } == "true"
    static let isThere = socket != nil || isDemanded
    static let hint: Comment =
        "no Docker engine: apt-get install docker.io busybox-static iproute2, then hack/engine run CMD"

    /// A root with busybox and its usual names, and one with nothing at all: `hack/engine` imports them.
    static let busybox = "reconcile-test/busybox:1"
    static let empty = "reconcile-test/empty:1"

    /// The same engine over the network, and where its certificates are; nil where it is not the tests' own.
    static let network: (host: String, certificates: String)? = getenv("RECONCILE_TEST_ENGINE_TLS").flatMap { host in
        getenv("RECONCILE_TEST_ENGINE_DIRECTORY").map { (String(cString: host), String(cString: $0) + "/tls") }
    }

    let address: EngineAddress
    let tls: TLSSettings?
    let client: EngineClient

    init(http: HTTPClient = HTTPClient(), overNetwork: Bool = false) throws {
        if overNetwork {
            let network = try #require(Self.network)
            address = try #require(EngineAddress(network.host))
            tls = TLSSettings(
                caPEM: try Self.file(network.certificates + "/ca.pem"),
                certificatePEM: try Self.file(network.certificates + "/client.pem"),
                keyPEM: try Self.file(network.certificates + "/client-key.pem"))
        } else {
            let socket = try #require(Self.socket, "CI=true and no Docker engine: run the tests by hack/test")
            address = try #require(EngineAddress("unix://" + socket))
            tls = nil
        }
        client = EngineClient(address, tls: tls, http: http)
    }

    static func file(_ path: String) throws -> [UInt8] {
        try #require(try Files.read(path, limit: 1 << 20), "there is no \(path)")
    }

    func containers(label: String) async throws -> [Tree] {
        var call = EngineCall.list(cluster: "")
        call.query = [
            .init(name: "all", value: "1"), .init(name: "filters", value: JSON.text(["label": [.string(label)]])),
        ]
        return try await client.tree(call).array ?? []
    }

    func living(uid: String, cluster: String) async throws -> [String] {
        try await containers(label: "\(WorkerLabels.workerUID)=\(uid)").filter {
            $0["Labels"]?[WorkerLabels.cluster]?.string == cluster && $0["State"]?.string == "running"
        }.compactMap { $0["Id"]?.string }
    }

    func kill(_ id: String) async throws {
        var call = EngineCall.terminate(id)
        call.query = [.init(name: "signal", value: "SIGKILL")]
        // One that has ended already can't be killed.
        _ = try? await client.send(call)
    }

    func volumes(cluster: String) async throws -> [String] {
        try await client.tree(.volumes(cluster: cluster))["Volumes"]?.array?.compactMap { $0["Name"]?.string } ?? []
    }

    func remove(cluster: String) async throws {
        for container in try await containers(label: "\(WorkerLabels.cluster)=\(cluster)") {
            _ = try? await client.send(.remove(container["Id"]?.string ?? ""))
        }
        for name in try await volumes(cluster: cluster) { _ = try? await client.send(.removeVolume(name)) }
    }
}
