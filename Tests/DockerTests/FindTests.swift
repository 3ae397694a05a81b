import Model
import Ports
import Testing

@testable import Docker

/// Which container is a worker's, whatever an administrator made of its name.
struct FindTests {
    private static let labels =
        #"{"reconcile.dev/cluster":"cluster-a","reconcile.dev/worker-uid":"u-1","reconcile.dev/slot":"3","reconcile.dev/attempt":"2"}"#
    private static let listed = #"[{"Id":"c1","State":"running","Labels":\#(labels)}]"#
    private static let inspected = #"{"Id":"c1","State":{"Status":"running"},"Config":{"Labels":\#(labels)}}"#

    private static func reference(attempt: Int = 2) -> WorkerRef {
        WorkerRef(workerUID: "u-1", region: "engine", pool: "pool", slot: 3, attempt: attempt, providerID: nil)
    }

    @Test("A renamed one is found by its labels: it is seen, and ended", arguments: [404, 200])
    func renamed(_ status: Int) async throws {
        // 200: a stranger's container has the name meanwhile.
        let stranger = #"{"Id":"s","State":{"Status":"running"},"Config":{"Labels":{}}}"#
        let engine = CannedEngine([
            ("/containers/reconcile-u-1-3-2/json", .init(status: status, body: stranger)),
            ("/containers/c1/json", .init(body: Self.inspected)), ("/containers/json", .init(body: Self.listed)),
            ("/kill", .init(status: 204, body: "")),
        ])
        let provider = try BadAnswerTests.provider(engine)
        #expect(try await provider.observe(Self.reference()).state == .running)
        try await provider.release(Self.reference())
        #expect(engine.calls.contains("POST /v1.41/containers/c1/kill"))
        #expect(!engine.calls.contains { $0.contains("/containers/s/") }, "the stranger is left alone")
    }

    @Test("Another attempt of the same worker is not taken for it")
    func otherAttempt() async throws {
        let engine = CannedEngine([
            ("/containers/reconcile-u-1-3-9/json", .init(status: 404, body: #"{"message":"No such container"}"#)),
            ("/containers/json", .init(body: Self.listed)),
        ])
        let seen = try await BadAnswerTests.provider(engine).observe(Self.reference(attempt: 9))
        #expect(seen.state == .absent)
    }

    @Test(
        "The first address of a subnet is its bridge's",
        arguments: [
            ("172.17.0.0/16", "172.17.0.1"), ("10.88.7.128/25", "10.88.7.129"), ("192.168.1.77/24", "192.168.1.1"),
        ])
    func subnets(_ text: String, _ first: String) { #expect(IPv4Subnet(text)?.firstAddress == first) }

    @Test(
        "What is no subnet of IPv4 has none",
        arguments: ["", "fd00::/64", "1.2.3/8", "1.2.3.4/33", "1.2.3.4", "a.b.c.d/8"])
    func noSubnets(_ text: String) { #expect(IPv4Subnet(text) == nil) }
}
