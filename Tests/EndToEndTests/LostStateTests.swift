import Kernel
import ProcessKit
import Testing
import Tree

/// A state that is gone, whose workers are still on an engine.
@Suite(.crowd, .enabled(if: TestEngine.isThere, TestEngine.hint), .timeLimit(.minutes(8)))
struct LostStateTests {
    @Test(
        "What a lost state left on an engine is found by its id, waited for and removed; beside a living controller nothing is"
    )
    func swept() async throws {
        try await onEngine { site, engine in
            let serving = try await site.serve("--cluster-id", engine.clusterID)
            try await site.apply(
                "pool.yaml", engine.region(), Manifest.pool(workers: 2, worker: "resources: {memory: 256Mi}"))
            try await eventually("two run", within: .seconds(120)) {
                try await engine.containers("status=running").count == 2
            }
            let refused = try await site.run("sweep", extra: [engine.variable])
            #expect(refused.code == 1 && refused.errors.contains("process \(serving.pid)"), "\(refused)")
            let ids = try await engine.containers()
            try await engine.docker("rename", ids[0], "renamed-\(ids[0].prefix(12))")
            try await site.kill9(serving)
            try Files.remove(site.state)

            let listed = try await site.run(
                ["sweep", "--cluster-id", engine.clusterID, "--dry-run"], extra: [engine.variable])
            #expect(listed.code == 0 && ids.allSatisfy { listed.output.contains($0) }, "\(listed)")
            #expect(try await engine.containers("status=running").count == 2, "who only lists ends nothing")
            let swept = try await site.run(
                ["sweep", "--cluster-id", engine.clusterID], within: .seconds(240), extra: [engine.variable])
            #expect(swept.code == 0, "\(swept)")
            #expect(swept.output.split(separator: "\n").count { $0.hasSuffix("removed") } == 2, "\(swept)")
            #expect(swept.errors.contains("the engine at unix://\(engine.socket)"), "it says whom it asked: \(swept)")
            #expect(try await engine.isClean())
            let again = try await site.run("sweep", "--cluster-id", engine.clusterID, extra: [engine.variable])
            #expect(again.code == 0 && again.errors.hasSuffix("nothing left behind\n"), "\(again)")
        }
    }
}
