import Model
import Ports
import Testing

@testable import Docker

/// A state that was copied and started elsewhere finds the workers of the controller that is alive.
struct RivalTests {
    static func listed(epoch: Int, gateway: String) -> String {
        #"[{"Id":"c1","State":"running","Labels":{"reconcile.dev/cluster":"cluster-a","reconcile.dev/worker-uid":"u-9","reconcile.dev/slot":"1","reconcile.dev/attempt":"1","reconcile.dev/epoch":"\#(epoch)","reconcile.dev/gateway":"\#(gateway)"}}]"#
    }

    static func provider(_ engine: CannedEngine, epoch: UInt64, answered: Set<String>) throws -> DockerProvider {
        var settings = DockerProvider.Settings(clusterID: "cluster-a", authority: "PEM")
        settings.image = "img"
        settings.epoch = epoch
        return DockerProvider(
            settings, engine: EngineClient(try #require(EngineAddress("unix:///e.sock")), http: engine),
            surroundings: .init(
                bundle: { SmallBundle.make() }, reach: { "https://\($0):1" }, isAnswered: { answered.contains($0) }))
    }

    struct Row: Sendable, CustomStringConvertible {
        let because: String
        var epoch = 3
        var gateway = "https://172.17.0.1:1"
        var answered: Set<String> = []
        let isRival: Bool
        var description: String { because }
    }

    @Test(arguments: [
        Row(because: "a worker of ours, of an earlier epoch", isRival: false),
        Row(because: "a worker of a later leader", epoch: 5, isRival: true),
        Row(
            because: "our own gateway is no rival", answered: ["https://172.17.0.1:1"], isRival: false),
        Row(
            because: "the controller that it joined answers", gateway: "https://10.0.0.9:7",
            answered: ["https://10.0.0.9:7"], isRival: true),
        Row(because: "the controller that it joined is gone", gateway: "https://10.0.0.9:7", isRival: false),
    ])
    func isFound(_ row: Row) async throws {
        let engine = CannedEngine([
            ("/containers/json", .init(body: Self.listed(epoch: row.epoch, gateway: row.gateway))),
            ("/containers/u/json", .init(status: 404)),
        ])
        let provider = try Self.provider(engine, epoch: 4, answered: row.answered)
        do throws(ProviderError) {
            _ = try await provider.inventory(clusterID: "cluster-a")
            #expect(!row.isRival)
        } catch {
            #expect(row.isRival && error.code == .conflict && error.message.contains("another controller leads"))
        }
    }

    @Test("Beside another leader nothing is made and nothing is ended")
    func touchesNothing() async throws {
        let engine = CannedEngine([("/containers/json", .init(body: Self.listed(epoch: 9, gateway: "")))])
        let provider = try Self.provider(engine, epoch: 4, answered: [])
        let reference = WorkerRef(workerUID: "u-9", region: "r", pool: "p", slot: 1, attempt: 1, providerID: nil)
        await #expect(throws: ProviderError.self) { try await provider.release(reference) }
        await #expect(throws: ProviderError.self) { try await provider.create(.sample()) }
        #expect(!engine.calls.contains { $0.hasPrefix("DELETE") || $0.hasPrefix("POST") })
    }
}
