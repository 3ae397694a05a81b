import Coordinator
import Engine
import Model
import Ports
import Testing
import Tree
import WorkerProtocol

@Suite struct CoordinatorTests {
    private func house(_ tasks: [Tree], workers: Int64 = 2, _ more: Tree = .emptyObject) throws -> House {
        try House([Manifest.region(), Manifest.pool(workers: workers), Manifest.plan(tasks, more)])
    }
    private let chain = [Manifest.task("a"), Manifest.task("b", after: ["a"])]
    private func isDone(_ house: House) -> Bool { house.plan?.status.phase.isTerminal == true }

    @Test func aPlanRunsToItsEnd() throws {
        var house = try house(chain)
        #expect(house.pass(.minutes(1), until: isDone) == true)
        #expect(house.plan?.status.phase == .succeeded)
        let (a, b) = (house.task("a")?.status, house.task("b")?.status)
        #expect(a?.attempt == 1)
        #expect((b?.startedAt ?? .init(milliseconds: 0)) >= (a?.finishedAt ?? .init(milliseconds: .max)), "S15")
        #expect(house.stopped == nil)
    }

    @Test(arguments: [
        (finished: true, because: "a plan that has ended, its workers online"),
        (finished: false, because: "a plan whose tasks run on and on"),
    ])
    func atRestNothingIsWritten(_ row: (finished: Bool, because: String)) throws {
        var house = try house(chain)
        house.runs = row.finished ? .seconds(3) : .hours(9)
        house.pass(.minutes(2))
        #expect(house.plan?.status.phase == (row.finished ? .succeeded : .running))
        let before = house.batches.count
        house.pass(.minutes(21))
        let written = house.batches.dropFirst(before).flatMap { $0.writes.map { "\($0.key)" } }
        #expect(written == [], "L5: \(row.because); a resync is in it too")
    }

    @Test func aKilledWorkersTasksMoveAtOnce() throws {
        var house = try house([Manifest.task("a")])
        house.runs = .minutes(1)
        #expect(house.pass(.seconds(20)) { $0.task("a")?.status.phase == .running } == true)
        let first = try #require(house.task("a")?.status.assignment?.worker)
        house.kill(first)
        #expect(
            house.pass(.seconds(3)) { $0.task("a")?.status.attempt == 2 && $0.task("a")?.status.phase == .running }
                == true, "L3")
        #expect(house.task("a")?.status.fence == 2)
        #expect(house.pass(.seconds(30)) { $0.plan?.status.recoveries.first?.running != nil } == true)
        #expect(house.pass(.minutes(1)) { $0.processes == 2 } == true, "and the worker is replaced")
    }

    @Test func aSilentWorkersTasksMoveWithinFifteenSeconds() throws {
        var house = try house([Manifest.task("a")])
        house.runs = .minutes(1)
        house.pass(.seconds(20)) { $0.task("a")?.status.phase == .running }
        let first = try #require(house.task("a")?.status.assignment?.worker)
        house.silence(first)
        house.pass(.seconds(8))
        #expect(house.task("a")?.status.attempt == 1, "a stall of eight seconds moves nothing")
        #expect(
            house.pass(.seconds(7)) { $0.task("a")?.status.attempt == 2 && $0.task("a")?.status.phase == .running }
                == true, "L3")
    }

    @Test func deletionLeavesNothing() throws {
        var house = try house(chain)
        house.runs = .minutes(5)
        house.pass(.seconds(20)) { $0.task("a")?.status.phase == .running }
        let time = Tree.string(house.now.wall.wholeSeconds.description)
        for kind in [Kind.executionPlan, .workerPool] {
            try house.change(ObjectKey(kind, "shop", kind == .executionPlan ? "site" : "web")) { tree in
                var metadata = tree["metadata"] ?? .emptyObject
                metadata["deletionTimestamp"] = time
                tree["metadata"] = metadata
            }
        }
        #expect(house.pass(.minutes(1)) { $0.plan == nil && $0.processes == 0 } == true, "S16, L4")
        house.pass(.seconds(5))
        #expect(house.core.engine.cache.keys(of: .worker).isEmpty)
        #expect(house.core.engine.cache.keys(of: .task).isEmpty)
        #expect(house.core.engine.cache.keys(of: .workerPool).isEmpty)
    }

    @Test func aTaskWithAnImageWaitsForAWorkerWithAContainerEngine() throws {
        var boxed = Manifest.task("a")
        boxed["run"] = ["command": ["true"], "image": "tool:1"]
        boxed["requires"] = ["cpu": "500m", "capabilities": []]
        var house = try house([boxed])
        #expect(house.pass(.seconds(20)) { $0.task("a")?.status.reason == "NoFeasibleWorker" } == true)
        let message = try #require(house.task("a")?.status.message)
        #expect(message.hasPrefix("0 of 2 workers fit: 2 no container engine (run.image needs one)"), "\(message)")

        house.containerEngine = "1.43"
        house.runs = .minutes(1)
        #expect(house.pass(.seconds(5)) { $0.task("a")?.status.phase == .running } == true, "as soon as one has one")
        let worker = try #require(house.task("a")?.status.assignment?.worker)
        #expect(house.worker(worker)?.status.containerEngine == "1.43")
        #expect(house.held("a")?.limits?.cpu == Quantity(milli: 500), "its container is held to what it requires")
        #expect(house.plan?.status.conditions[.partlySupported] == nil)

        house.containerEngine = nil
        #expect(house.pass(.seconds(5)) { $0.worker(worker)?.status.containerEngine == nil } == true)
        #expect(house.task("a")?.status.phase == .running, "what runs there goes on")
    }

    @Test func cancelStopsWhatRuns() throws {
        var house = try house(chain)
        house.runs = .minutes(5)
        house.pass(.seconds(20)) { $0.task("a")?.status.phase == .running }
        try house.change(ObjectKey(.executionPlan, "shop", "site")) { tree in
            var spec = tree["spec"] ?? .emptyObject
            spec["cancel"] = true
            tree["spec"] = spec
        }
        #expect(house.pass(.seconds(10), until: isDone) == true)
        #expect(house.plan?.status.phase == .cancelled)
        #expect(house.task("b")?.status.phase == .cancelled)
    }

    @Test func aMissingOutputFailsTheAttemptWithItsReason() throws {
        let consumer: Tree = [
            "name": "b", "run": ["command": ["echo", "${tasks.a.outputs.version}"]], "dependsOn": ["a"],
            "retry": ["limit": 0],
        ]
        var producer = Manifest.task("a")
        producer["outputs"] = ["version"]
        var house = try house([producer, consumer])
        #expect(house.pass(.minutes(1), until: isDone) == true)
        #expect(house.task("b")?.status.reason == "CouldNotStart")
        #expect(house.task("b")?.status.message?.contains("wrote no output version") == true)
    }

    @Test func anAgentOfALaterLeaderStopsThisOne() throws {
        var house = try house(chain)
        house.pass(.seconds(5))
        house.tell(.stop)
        let before = house.batches.count
        house.pass(.seconds(5))
        #expect(house.batches.count == before, "nothing is decided after the end")
    }
}
