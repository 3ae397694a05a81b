import Controllers
import Engine
import Model
import Ports
import Testing

@Suite struct RegionReconcilerTests {
    private func decide(
        _ region: Region, _ others: [any Resource] = [], settings: Settings = .sample, now: Moment = start,
        live: (inout LiveState) -> Void = { _ in }
    ) -> Decision<Region> {
        var cache = Cache.holding(region)
        for (index, object) in others.enumerated() { cache.add(object, version: UInt64(100 + index)) }
        var state = LiveState()
        live(&state)
        guard
            let world = RegionReconciler().gather(
                region.key, from: Snapshot(cache: cache, live: state, settings: settings))
        else {
            preconditionFailure("no world")
        }
        return RegionReconciler().decide(world, now: now)
    }

    private func listed(_ ago: Duration, _ unclaimed: [Observation] = []) -> (inout LiveState) -> Void {
        { live in
            live.providers["east", default: ProviderState()].lastInventory = start.instant - ago
            live.providers["east"]?.unclaimed = unclaimed
        }
    }

    private func lists(_ decision: Decision<Region>) -> Bool {
        decision.actions.contains { if case .inventory = $0 { true } else { false } }
    }
    private func orphans(_ decision: Decision<Region>) -> [String] {
        decision.actions.compactMap { if case .releaseOrphan(_, let orphan) = $0 { orphan.workerUID } else { nil } }
    }

    @Test func itListsAtTheStartAndEveryMinute() {
        #expect(lists(decide(.sample())))
        #expect(!lists(decide(.sample(), live: listed(.seconds(59)))))
        #expect(lists(decide(.sample(), live: listed(.seconds(60)))), "S3")
        let off = Region.sample { $0.spec.capabilities.resourceDiscovery = false }
        #expect(lists(decide(off)), "once, to adopt what runs")
        #expect(!lists(decide(off, live: listed(.hours(1)))))
        #expect(decide(off).status.conditions[.capabilitiesOff]?.message == "does nothing: resourceDiscovery")
    }

    /// Of the inventories that it asks for: whether what is kept for later workers stays. Empty: it asks for none.
    private func keeps(_ decision: Decision<Region>) -> [Bool] {
        decision.actions.compactMap { if case .inventory(_, let keeps) = $0 { keeps } else { nil } }
    }

    @Test func whatIsKeptForLaterWorkersGoesWithTheLastPool() {
        func engine(_ change: (inout Region) -> Void = { _ in }) -> Region {
            .sample { region in
                region.spec.provider = ProviderSpec()
                region.spec.provider.docker = DockerRegion()
                change(&region)
            }
        }
        func decided(
            _ region: Region, _ pools: [WorkerPool], onDemand: Bool = false,
            _ state: @escaping (inout ProviderState) -> Void = { _ in }
        ) -> Decision<Region> {
            var settings = Settings.sample
            settings.onDemand = onDemand
            settings.providers = [.docker]
            return decide(region, pools, settings: settings) { live in
                listed(.seconds(1))(&live)
                state(&live.providers["east", default: ProviderState()])
            }
        }
        let leaving = WorkerPool.sample { $0.metadata.deletionTimestamp = start.wall }
        let ending = engine { $0.metadata.deletionTimestamp = start.wall }
        #expect(keeps(decided(engine(), [.sample()])).isEmpty, "a pool may ask for workers again")
        #expect(keeps(decided(engine(), [leaving])) == [false], "none will")
        #expect(keeps(decided(engine(), [])) == [false])
        #expect(keeps(decided(engine(), []) { $0.isTidy = true }).isEmpty, "once")
        #expect(keeps(decided(engine(), [.sample()], onDemand: true)) == [false], "a run leaves nothing")
        #expect(decided(ending, []).finalizer == true, "it goes when that has")
        #expect(decided(ending, []) { $0.isTidy = true }.finalizer == false)
        let gone = ProviderError(.unavailable, "no engine answers")
        #expect(decided(ending, []) { $0.lastError = gone }.finalizer == false, "an engine that is gone keeps nothing")
        #expect(keeps(decide(.sample(), live: listed(.seconds(1)))).isEmpty, "a process needs nothing kept")
    }

    @Test func aProviderThatAnswersAndMakesNoWorkersIsNotReady() {
        let failed = Worker.sample { worker in
            worker.status.state = .provisioning
            worker.status.onlineAt = nil
            worker.status.conditions = [Condition(.ready, .no, .provisioningFailed, "no such image")]
        }
        let calm = decide(.sample(), [failed], live: listed(.seconds(1))).status.conditions[.ready]
        #expect(calm?.status == .yes, "others may have better images")
        #expect(calm?.message == "the local provider answers; web-0-1 could not be made: no such image")
        var circuit = CircuitStatus()
        circuit.errorClass = "invalid"
        circuit.state = .open
        var region = Region.sample()
        for workers in [[failed], []] {
            var cache = Cache.holding(region)
            for worker in workers { cache.add(worker, version: 9) }
            var live = LiveState()
            listed(.seconds(1))(&live)
            let snapshot = Snapshot(cache: cache, live: live, settings: .sample, circuits: ["east": [circuit]])
            guard let world = RegionReconciler().gather(region.key, from: snapshot) else { preconditionFailure("none") }
            let status = RegionReconciler().decide(world, now: start).status
            let ready = status.conditions[.ready]
            #expect(ready?.status == .no)
            #expect(ready?.reason == "CircuitOpen")
            #expect(
                ready?.message
                    == "the local provider makes no workers (invalid): web-0-1 could not be made: no such image")
            region.status = status
        }
    }

    @Test func aProviderThatTellsOfChangesIsAskedOnceAResync() {
        func told(_ ago: Duration, _ change: @escaping (inout ProviderState) -> Void = { _ in }) -> Bool {
            lists(
                decide(.sample()) { live in
                    listed(ago)(&live)
                    live.providers["east"]?.isFollowed = true
                    if var state = live.providers["east"] {
                        change(&state)
                        live.providers["east"] = state
                    }
                })
        }
        #expect(!told(.seconds(599)) && told(.seconds(600)))
        #expect(told(.seconds(90)) { $0.unsureSince = start.instant - .seconds(60) })
        #expect(!told(.seconds(90)) { $0.unsureSince = start.instant - .seconds(59) })
        let stranger = seen("young", age: .seconds(5))
        #expect(told(.seconds(60)) { $0.unclaimed = [stranger] }, "S3: what it left to do is looked after")
        #expect(told(.seconds(60)) { $0.lastError = ProviderError(.unavailable, "no answer") })
        #expect(told(.seconds(60)) { $0.isFollowed = false })
    }

    private func seen(_ uid: String, age: Duration?, _ state: Observation.State = .running) -> Observation {
        Observation(
            workerUID: uid, clusterID: "c", slot: 0, attempt: 1, state: state, createdAt: age.map { start.wall - $0 })
    }

    @Test func onlyOldStrangersAreReleased() {
        let found = [
            seen("old", age: .seconds(61)), seen("young", age: .seconds(60)), seen("ageless", age: nil),
            seen("uid-web-0-1", age: .hours(1)), seen("gone", age: .hours(1), .absent),
        ]
        #expect(orphans(decide(.sample(), [Worker.sample()], live: listed(.zero, found))) == ["old"], "S4")
    }

    @Test func readinessFollowsTheProvider() {
        #expect(decide(.sample()).status.conditions[.ready]?.status == .unknown)
        #expect(decide(.sample(), live: listed(.zero)).status.conditions[.ready]?.status == .yes)
        let broken = decide(.sample()) { live in
            listed(.zero)(&live)
            live.providers["east"]?.lastError = ProviderError(.unavailable, "no answer")
        }
        #expect(broken.status.conditions[.ready]?.message == "no answer")
        let foreign = Region.sample { region in
            region.spec.provider.local = nil
            region.spec.provider.aws = AWSRegion()
        }
        #expect(decide(foreign).status.conditions[.ready]?.reason == "ProviderNotBuiltIn")
        #expect(!lists(decide(foreign)))
        let rehearsed = decide(
            foreign, settings: Settings(clusterID: "c", epoch: 1, rehearsal: true), live: listed(.zero))
        #expect(rehearsed.status.conditions.isTrue(.rehearsed))
    }

    @Test func aSilentRegionIsDownUntilAWorkerIsHeard() {
        func heard(_ ago: Duration) -> (inout LiveState) -> Void {
            { live in
                listed(.zero)(&live)
                live.leases["uid-web-0-1"] = Lease(lastRenewal: start.instant - ago, wall: start.wall - ago)
            }
        }
        let down = decide(.sample(), [Worker.sample()], live: heard(.seconds(13)))
        #expect(down.status.conditions.isTrue(.regionDown))
        #expect(!decide(.sample(), [Worker.sample()], live: heard(.seconds(3))).status.conditions.isTrue(.regionDown))
        let evicted = decide(.sample()) { $0.evictions["east"] = [start.instant - .seconds(10)] }
        #expect(evicted.status.conditions.isTrue(.regionDown), "its last worker was given up")
        let up = decide(.sample { $0.status = down.status }, [Worker.sample()], live: heard(.seconds(1)))
        #expect(!up.status.conditions.isTrue(.regionDown))
        #expect(up.said == [.online])
    }

    @Test func itGoesWithItsLastWorker() {
        let region = Region.sample { $0.metadata.deletionTimestamp = start.wall }
        #expect(decide(region, [Worker.sample()]).finalizer == true)
        #expect(decide(region).finalizer == false)
    }

    @Test func atRestNothingIsWritten() {
        let settled = Region.sample {
            $0.status = decide(.sample(), [Worker.sample()], live: listed(.seconds(1))).status
        }
        #expect(
            decide(settled, [Worker.sample()], now: start.advanced(by: .seconds(5)), live: listed(.seconds(1))).status
                == settled.status)
    }
}

@Suite struct LedgerTests {
    private let day = Timestamp("2026-11-23T00:00:00Z") ?? Timestamp(milliseconds: 0)
    private func at(_ hours: Int64) -> Moment { Moment(instant: .origin, wall: day + .hours(hours)) }

    @Test func spendFollowsFromRates() {
        let first = Ledger.advance(nil, from: .zero, to: Money(dollars: 2), now: at(1))
        let second = Ledger.advance(first, from: Money(dollars: 2), to: .zero, now: at(4))
        #expect(second?.today == Money(dollars: 6))
        #expect(second?.total == Money(dollars: 6))
        #expect(Ledger.advance(second, from: .zero, to: .zero, now: at(9)) == second, "no change, no write")
        #expect(Ledger.advance(nil, from: .zero, to: .zero, now: at(1)) == nil)
    }

    @Test func aDayBeginsAtMidnightUTC() {
        let evening = Ledger.advance(nil, from: .zero, to: Money(dollars: 1), now: at(20))
        guard let evening else {
            Issue.record("nothing accrued")
            return
        }
        let spent = Ledger.spent(evening, rate: Money(dollars: 1), now: at(27))
        #expect(spent.today == Money(dollars: 3))
        #expect(spent.total == Money(dollars: 7))
        #expect(
            Ledger.spent(evening, rate: Money(dollars: 1), now: at(19)).total == .zero,
            "a clock that went back costs nothing")
    }
}

@Suite struct TaskEnvironmentTests {
    private func outputs(_ task: String) -> [String: String]? {
        task == "build" ? ["version": "1.2", "x": "${tasks.build.outputs.version}"] : nil
    }

    @Test(arguments: [
        (text: "v${tasks.build.outputs.version}!", result: "v1.2!"), ("plain", "plain"),
        ("$HOME ${other}", "$HOME ${other}"),
        ("${tasks.build.outputs.x}", "${tasks.build.outputs.version}"), ("${tasks.build}", "${tasks.build}"),
        ("${tasks.", "${tasks."),
    ])
    func valuesAreReplacedOnce(_ row: (text: String, result: String)) throws {
        #expect(try TaskEnvironment.value(row.text, outputs: outputs) == row.result)
    }

    @Test func onlyWholeArgumentsAreReplaced() throws {
        var run = RunSpec()
        run.command = ["sh", "-c", "echo ${tasks.build.outputs.version}", "${tasks.build.outputs.version}"]
        #expect(
            try TaskEnvironment.command(run, outputs: outputs) == [
                "sh", "-c", "echo ${tasks.build.outputs.version}", "1.2",
            ])
    }

    @Test func whatIsMissingIsNamed() {
        #expect(throws: TaskEnvironment.Unresolved.self) {
            try TaskEnvironment.value("${tasks.test.outputs.k}", outputs: outputs)
        }
        #expect(throws: TaskEnvironment.Unresolved.self) {
            try TaskEnvironment.value("${tasks.build.outputs.k}", outputs: outputs)
        }
    }
}
