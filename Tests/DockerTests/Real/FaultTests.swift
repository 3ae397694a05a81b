import HTTP
import Ports
import Testing

@testable import Docker

/// A controller that loses any one of its calls to the engine, in any of four ways, and then dies: the next one, over
/// whatever it left, makes exactly one worker, and leaves nothing when it is released.
@Suite(.enabled(if: Engine.isThere, Engine.hint), .timeLimit(.minutes(10)))
struct FaultTests {
    @Test("Every call of a create, lost in every way", arguments: FaultyTransport.Fault.allCases)
    func creating(_ fault: FaultyTransport.Fault) async throws {
        var index = 0
        while true {
            let world = try DockerWorld()
            let transport = FaultyTransport(world.http, fault, at: index)
            let isLast = try await create(world, transport, index)
            if isLast { break }
            index += 1
        }
        #expect(index >= 9, "there are that many calls at least, \(index) were seen")
    }

    /// True once the create had no call of that number any more.
    private func create(_ world: DockerWorld, _ transport: FaultyTransport, _ index: Int) async throws -> Bool {
        let request = world.request(uid: "w")
        var isLast = false
        try await inWorld(world) { world in
            do throws(ProviderError) {
                try await world.docker(transport).create(request)
            } catch {
                #expect([.unknownOutcome, .unavailable].contains(error.code), "call \(index): \(error)")
            }
            isLast = transport.calls <= index
            let next = world.docker { $0.fillPatience = .seconds(1) }
            try await next.create(request)
            await transport.settle()
            #expect(try await world.alive(uid: "w") == 1, "call \(index): one worker")
            try await world.releaseUntilGone(next, request)
            try await world.awaitClean(next, "call \(index): nothing is left")
        }
        return isLast
    }

    @Test("Every call of a release, lost in every way", arguments: FaultyTransport.Fault.allCases)
    func releasing(_ fault: FaultyTransport.Fault) async throws {
        // Once with a worker that runs, once with one that has ended: both take other calls.
        for isDead in [false, true] {
            for index in 0..<7 {
                try await inWorld(try DockerWorld()) { world in
                    let request = world.request(uid: "w")
                    let next = world.docker()
                    try await next.create(request)
                    if isDead { try await world.kill(uid: "w") }
                    let transport = FaultyTransport(world.http, fault, at: index)
                    do throws(ProviderError) { try await world.docker(transport).release(request.ref) } catch {
                        #expect([.unknownOutcome, .unavailable].contains(error.code), "call \(index): \(error)")
                    }
                    await transport.settle()
                    try await world.releaseUntilGone(next, request)
                    try await world.awaitClean(next, "call \(index): nothing is left")
                }
            }
        }
    }

    @Test("A start that comes after the worker has ended runs nothing: its launch was taken by the first start")
    func lateStart() async throws {
        // As the real program does: it takes its launch file away, and ends without one.
        let bundle = SmallBundle.make("rm /reconcile/data/worker/launch.json || exit 1; exec sleep 3600", checksum: "b")
        try await inWorld(try DockerWorld(bundle: bundle)) { world in
            let request = world.request(uid: "w")
            let provider = world.docker()
            try await provider.create(request)
            try await world.kill(uid: "w")
            let container = try #require(try await provider.find("w", request.slot, request.attempt))
            _ = try await world.engine.client.send(.start(container.id))
            let end = ContinuousClock.now + .seconds(10)
            while try await world.alive(uid: "w") > 0 { try #require(ContinuousClock.now < end, "it ends by itself") }
            #expect(try await provider.observe(request.ref).state == .exited(code: 1, signal: nil))
        }
    }
}
