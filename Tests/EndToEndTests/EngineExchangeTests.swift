import EngineProxy
import Glibc
import Kernel
import ProcessKit
import Testing
import Tree

/// Another engine answers where a region's own did: it knows nothing of the workers, and they live.
@Suite(.crowd, .enabled(if: TestEngine.isThere, TestEngine.hint), .timeLimit(.minutes(8)))
struct EngineExchangeTests {
    @Test(
        "Workers of an engine that was exchanged are given up and end; an exclusive task never runs twice at once; work goes on"
    )
    func exchanged() async throws {
        try await onEngine { site, engine in
            try await engine.beside { other in
                let socket = "\(site.directory)-engine.sock"
                var proxy = try EngineProxy(at: socket, to: engine.socket)
                defer {
                    proxy.close()
                    _ = unlink(socket)
                }
                try await site.serve("--cluster-id", engine.clusterID)
                let command = try site.witness.command(600, mountedAt: "/witness")
                let manifests = try await site.apply(
                    "plan.yaml",
                    engine.region(
                        at: socket, "volumes: [{source: \"\(site.directory)\", target: /witness, readOnly: false}]"),
                    Manifest.pool(workers: 1, slots: 2, worker: "resources: {cpu: 500m, memory: 256Mi}"),
                    Manifest.plan(
                        "work", spec: "faultTolerance: {killGrace: 1s}",
                        [Manifest.task("plain", command), Manifest.task("only", command, "exclusive: true")]))
                for task in ["plain", "only"] { _ = try await site.witness.awaitStart(task, within: .seconds(120)) }

                proxy.close()
                proxy = try EngineProxy(at: socket, to: other.socket)
                _ = try await site.witness.awaitStart("plain", attempt: 2, within: .seconds(180))
                let last = try await site.witness.awaitStart("only", attempt: 2, within: .seconds(180))
                #expect(
                    try await engine.containers("status=running").isEmpty,
                    "the former worker had ended before the exclusive task began again, at \(last.time)")
                #expect(try await other.containers("status=running").count == 1)
                for task in ["plain", "only"] {
                    let status = try await site.task("work", task)["status"]
                    #expect(
                        status?["attempt"]?.int == 2 && status?["failures"]?.int ?? 0 == 0, "\(task): no retry used")
                }
                try await site.succeed("delete", "-f", manifests, within: .seconds(120))
                try await eventually("the new engine is as it was", within: .seconds(60)) { try await other.isClean() }
            }
        }
    }
}
