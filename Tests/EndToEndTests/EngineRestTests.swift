import EngineProxy
import Kernel
import ProcessKit
import Testing
import Tree

/// What a controller asks of an engine when there is nothing to do.
@Suite(.crowd, .enabled(if: TestEngine.isThere, TestEngine.hint), .timeLimit(.minutes(5)))
struct EngineRestTests {
    private static let events = "GET /events"
    private static let list = "GET /containers/json"
    private static let network = "GET /networks/*"

    @Test("At rest there is no call but the event stream; when that breaks there is one list, and polling without it")
    func rest() async throws {
        try await onEngine { site, engine in
            let proxy = try EngineProxy(at: "\(site.directory)/engine.sock", to: engine.socket)
            defer { proxy.close() }
            try await site.serve("--cluster-id", engine.clusterID, "--sweep-interval", "1s")
            let manifests = try await site.apply(
                "plan.yaml", engine.region(at: proxy.socket),
                Manifest.pool(workers: 1, worker: "resources: {memory: 256Mi}"),
                Manifest.plan("work", [Manifest.task("t", Manifest.shell("echo done"))]))
            try await site.awaitPlan("work")
            try await rests(proxy)

            // An end is heard of without being asked for, and then it is quiet again.
            let id = try #require(try await engine.containers("status=running").first)
            try await engine.docker("kill", id)
            try await eventually("the worker is replaced", within: .seconds(30)) {
                let running = try await engine.containers("status=running")
                return running.count == 1 && running != [id]
            }
            try await rests(proxy)

            let quiet = proxy.calls.count
            proxy.cutAll()
            try await eventually("it listens again and has looked once") {
                proxy.streams == 1 && proxy.calls.count >= quiet + 2
            }
            try await rests(proxy)
            // Who answers now may be another engine: its network is looked at again.
            #expect(
                proxy.calls.dropFirst(quiet).map(\.kind).sorted() == [Self.list, Self.events, Self.network].sorted())

            let deaf = proxy.calls.count
            proxy.plan { $0.kind == Self.events ? .answer(500, #"{"message":"no events here"}"#) : .pass }
            proxy.cutAll()
            try await eventually("it polls", within: .seconds(20)) {
                proxy.calls.dropFirst(deaf).count { $0.kind == Self.list } >= 3
            }
            proxy.plan { _ in .pass }
            try await eventually("it listens again", within: .seconds(40)) { proxy.streams == 1 }
            try await rests(proxy)
            try await site.succeed("delete", "-f", manifests)
            try await eventually("the engine is as it was", within: .seconds(30)) { try await engine.isClean() }
        }
    }

    /// Becomes quiet, and stays so over several intervals at which it would ask a provider that tells nothing.
    private func rests(_ proxy: EngineProxy) async throws {
        var count = -1
        var since = ContinuousClock.now
        try await eventually("calls end: \(proxy.calls.suffix(5))", within: .seconds(30)) {
            if proxy.calls.count != count || proxy.streams != 1 {
                count = proxy.calls.count
                since = ContinuousClock.now
            }
            return ContinuousClock.now - since > .seconds(1)
        }
        try await steadily("no call at rest", for: .seconds(2.5)) {
            if proxy.calls.count > count { throw Unmet("\(proxy.calls.dropFirst(count))") }
            return true
        }
    }
}
