import Coordinator
import Engine
import Model
import Ports
import Testing
import Tree

/// Worlds in which something is asked for that can't be had: each says why, and then nothing is written any more (L5).
@Suite struct CoordinatorRestTests {
    struct World: CustomStringConvertible, Sendable {
        let description: String
        let objects: [Tree]
        /// Of the task that waits.
        let reason: String
        var task = "a"
    }

    private static let single = Manifest.plan([Manifest.task("a")])
    private static let growing: [String: Tree] = ["minWorkers": 0, "maxWorkers": 5]

    private static func needing(_ requires: Tree) -> Tree {
        var task = Manifest.task("a")
        task["requires"] = requires
        return Manifest.plan([task])
    }

    static let worlds: [World] = [
        World(
            description: "a task on a pool that is suspended without a worker",
            objects: [Manifest.region(), Manifest.pool(workers: 0, ["maxWorkers": 3, "suspend": true]), single],
            reason: "Suspended"),
        World(
            description: "a pool whose cap an hour pays for no worker",
            objects: [
                Manifest.region(), Manifest.pool(["budget": ["perHour": "0.1"]].merging(growing) { $1 }), single,
            ], reason: "BudgetExceeded"),
        World(
            description: "a cap of nothing",
            objects: [
                Manifest.region(), Manifest.pool(["budget": ["perHour": "0"]].merging(growing) { $1 }), single,
            ], reason: "BudgetExceeded"),
        World(
            description: "a region whose cap a day pays for no worker",
            objects: [Manifest.region("east", ["budget": ["perDay": "0.1"]]), Manifest.pool(growing), single],
            reason: "BudgetExceeded"),
        World(
            description: "a plan whose own cap pays for no slot",
            objects: [
                Manifest.region(), Manifest.pool(growing),
                Manifest.plan([Manifest.task("a")], ["budget": ["perHour": "0.1"]]),
            ], reason: "BudgetExceeded"),
        World(
            description: "a task that fits nothing",
            objects: [Manifest.region(), Manifest.pool(), needing(["cpu": "900"])], reason: "NoFeasibleWorker"),
        World(
            description: "a task that fits nothing, and may go where it does not fit either",
            objects: [
                Manifest.region(), Manifest.region("west"), Manifest.pool(),
                Manifest.wandering(requires: ["cpu": "900"]),
            ], reason: "NoFeasibleWorker"),
        World(
            description: "a plan that is suspended",
            objects: [Manifest.region(), Manifest.pool(), Manifest.plan([Manifest.task("a")], ["suspend": true])],
            reason: "Suspended"),
        World(
            description: "a pool of a region that is not there",
            objects: [Manifest.pool(), single], reason: "NoFeasibleWorker"),
        World(
            description: "a region that is closed to the namespace",
            objects: [Manifest.region("east", ["allowedNamespaces": ["other"]]), Manifest.pool(), single],
            reason: "NoFeasibleWorker"),
    ]

    /// Once it is as it will be: nothing is written in eleven minutes, a resync among them.
    private func staysAtRest(_ house: inout House) -> [String] {
        house.pass(.minutes(1))
        let before = house.batches.count
        house.pass(.minutes(11))
        return house.batches.dropFirst(before).flatMap { $0.writes.map { "\($0.key)" } }
    }

    @Test(arguments: worlds)
    func whatCantBeHadIsSaidOnce(_ world: World) throws {
        var house = try House(world.objects)
        house.pass(.seconds(20))
        #expect(
            house.task(world.task)?.status.reason == world.reason, "\(house.task(world.task)?.status.message ?? "")")
        #expect(staysAtRest(&house) == [])
        #expect(house.notices == [])
    }

    @Test func aPlanThatLostTwelveWorkersRests() throws {
        var house = try House([Manifest.region(), Manifest.pool(workers: 1), Self.single])
        house.runs = .hours(9)
        for attempt in 1...12 {
            #expect(
                house.pass(.minutes(2)) {
                    $0.task("a")?.status.phase == .running && $0.task("a")?.status.attempt == attempt
                }, "attempt \(attempt)")
            // One that runs for a while is nobody's fault.
            house.pass(.minutes(6))
            house.kill(try #require(house.task("a")?.status.assignment?.worker))
        }
        #expect(house.pass(.minutes(2)) { $0.task("a")?.status.attempt == 13 })
        #expect(staysAtRest(&house) == [])
        #expect(house.plan?.status.recoveries.count == 10)
        house.runs = .seconds(1)
        #expect(house.pass(.minutes(1)) { $0.plan?.status.phase == .succeeded })
        #expect(staysAtRest(&house) == [], "and when it has succeeded")
    }

    // MARK: What changes under waiting tasks

    @Test func aCapThatIsRaisedLetsTheTaskRun() throws {
        var house = try House([
            Manifest.region(), Manifest.pool(["budget": ["perHour": "0.1"]].merging(Self.growing) { $1 }), Self.single,
        ])
        house.pass(.minutes(2))
        #expect(house.task("a")?.status.reason == "BudgetExceeded")
        try house.change(ObjectKey(.workerPool, "shop", "web")) { $0 = $0.with("budget", ["perHour": "5"]) }
        #expect(house.pass(.seconds(30)) { $0.plan?.status.phase == .succeeded })
    }

    @Test func aCapLoweredBelowWhatRunsStopsNothingAndRests() throws {
        var house = try House([Manifest.region(), Manifest.pool(["maxWorkers": 5]), Self.single])
        house.runs = .hours(9)
        house.pass(.seconds(20))
        try house.change(ObjectKey(.workerPool, "shop", "web")) { $0 = $0.with("budget", ["perHour": "0.1"]) }
        #expect(staysAtRest(&house) == [])
        #expect(house.task("a")?.status.phase == .running)
        #expect(house.task("a")?.status.attempt == 1)
    }

    @Test func aPoolThatIsMadeAgainUnderAWaitingTaskTakesIt() throws {
        var house = try House([Manifest.region(), Manifest.pool(workers: 0, ["suspend": true]), Self.single])
        house.pass(.seconds(20))
        try house.end(ObjectKey(.workerPool, "shop", "web"))
        house.pass(.seconds(20))
        #expect(staysAtRest(&house) == [])
        try house.make(Manifest.pool())
        #expect(house.pass(.seconds(30)) { $0.plan?.status.phase == .succeeded })
    }

    @Test func aSuspendedPoolThatGoesOnTakesTheTask() throws {
        var house = try House(Self.worlds[0].objects)
        house.pass(.minutes(1))
        try house.change(ObjectKey(.workerPool, "shop", "web")) { $0 = $0.with("suspend", false) }
        #expect(house.pass(.seconds(30)) { $0.plan?.status.phase == .succeeded })
    }

    @Test(arguments: [Duration.hours(30), .hours(-30)])
    func aClockThatJumpsIsFollowedByRest(_ jump: Duration) throws {
        var house = try House([
            Manifest.region(), Manifest.pool(["budget": ["perDay": "20"]]),
            Manifest.plan([Manifest.task("a"), Manifest.task("b", after: ["a"])]),
        ])
        house.runs = .minutes(2)
        house.pass(.seconds(30))
        house.jump(jump)
        #expect(house.pass(.minutes(10)) { $0.plan?.status.phase == .succeeded })
        #expect(house.task("a")?.status.attempt == 1, "a wall clock moves nobody")
        #expect(staysAtRest(&house) == [])
    }

    @Test func aPriceThatChangesIsWrittenOnce() throws {
        var house = try House([Manifest.region(), Manifest.pool(), Self.single])
        house.runs = .hours(9)
        house.pass(.seconds(20))
        for price in 1...5 {
            try house.change(ObjectKey(.workerPool, "shop", "web")) { tree in
                var worker = tree["spec"]?["worker"] ?? .emptyObject
                worker["costPerHour"] = .string("\(price)")
                tree = tree.with("worker", worker)
            }
            house.pass(.minutes(1))
        }
        #expect(staysAtRest(&house) == [])
        #expect(house.processes == 2, "who runs stays at the price that was agreed")
    }

    @Test func workersThatComeAndGoAreWrittenOfNoMoreThanTheyDo() throws {
        var house = try House([
            Manifest.region(), Manifest.pool(), Self.needing(["cpu": "900"]),
        ])
        house.pass(.seconds(20))
        let before = house.batches.count
        for second in 0..<30 {
            if let worker = house.anyWorker { house.kill(worker) }
            house.pass(.seconds(1))
            #expect(house.task("a")?.status.reason == "NoFeasibleWorker", "second \(second)")
        }
        let writes = house.batches.dropFirst(before).flatMap(\.writes).filter { $0.key.kind == .task }
        #expect(writes.count <= 10, "the reason is the same: its words are written anew every five seconds at the most")
        #expect(staysAtRest(&house) == [])
    }
}

extension Tree {
    fileprivate func with(_ field: String, _ value: Tree) -> Tree {
        var tree = self
        var spec = tree["spec"] ?? .emptyObject
        spec[field] = value
        tree["spec"] = spec
        var metadata = tree["metadata"] ?? .emptyObject
        metadata["generation"] = .int((metadata["generation"]?.int ?? 1) + 1)
        tree["metadata"] = metadata
        return tree
    }
}
