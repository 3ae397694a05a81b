import Controllers
import Engine
import Model
import Testing

@Suite struct PlanReconcilerTests {
    private func decide(
        _ plan: ExecutionPlan, _ others: [any Resource] = [], live: LiveState = LiveState(), now: Moment = start
    ) -> Decision<ExecutionPlan> {
        var cache = Cache.holding(Region.sample(), WorkerPool.sample(), plan)
        for (index, object) in others.enumerated() { cache.add(object, version: UInt64(100 + index)) }
        guard
            let world = PlanReconciler().gather(
                plan.key, from: Snapshot(cache: cache, live: live, settings: .sample))
        else {
            preconditionFailure("no world")
        }
        return PlanReconciler().decide(world, now: now)
    }

    private func begun(_ tasks: [PlanTask], _ change: (inout ExecutionPlan) -> Void = { _ in }) -> ExecutionPlan {
        .sample(tasks) { plan in
            plan.status.startedAt = start.wall - .minutes(5)
            plan.status.executionID = "uid-site-1"
            plan.status.observedGeneration = 1
            plan.status.phase = .running
            change(&plan)
        }
    }

    private let two = [PlanTask.sample("a"), .sample("b", after: ["a"])]

    @Test func itUnfoldsOnce() {
        let first = decide(.sample(two) { $0.spec.synchronization = Self.gate() })
        #expect(first.created == ["site-gate", "site-a", "site-b"])
        #expect(first.status.executionID == "uid-site-1")
        #expect(first.status.phase == .planning)
        #expect(first.finalizer == true)
        let second = decide(begun(two), [WorkTask.sample("a"), WorkTask.sample("b")])
        #expect(second.actions.isEmpty)
        let lost = decide(begun(two), [WorkTask.sample("a")])
        #expect(lost.created == ["site-b"], "one that was deleted comes again")
    }

    @Test func aTaskIsMadeWithWhatItsFirstDecisionComesTo() throws {
        let plan = ExecutionPlan.sample(two)
        var cache = Cache.holding(Region.sample(), plan)
        var made: [WorkTask] = []
        for case .create(let new) in decide(plan).actions where new.key.kind == .task {
            var metadata = new.metadata
            metadata.uid = "uid-\(new.key.name)"
            metadata.generation = 1
            made.append(try WorkTask(tree: new.tree(metadata)))
        }
        for (index, task) in made.enumerated() { cache.add(task, version: UInt64(100 + index)) }
        #expect(made.map(\.status.reason) == ["WaitingForRound", "WaitingForDependencies"])
        for task in made {
            let snapshot = Snapshot(cache: cache, live: LiveState(), settings: .sample)
            let world = try #require(TaskReconciler().gather(task.key, from: snapshot))
            #expect(TaskReconciler().decide(world, now: start).status == task.status, "it is not written again")
        }
    }

    private static func gate(_ quorum: Int = 0) -> Synchronization {
        var point = PlanPoint()
        point.name = "gate"
        point.regions = ["east"]
        point.quorum = quorum
        var synchronization = Synchronization()
        synchronization.points = [point]
        return synchronization
    }

    @Test func externalsAreCheckedEveryThirtySeconds() {
        let plan = begun(two) { plan in
            var external = External()
            external.name = "stock"
            external.endpoint = "tcp://stock:1"
            plan.spec.regions[0].externals = [external]
        }
        let tasks = [WorkTask.sample("a"), WorkTask.sample("b")]
        func probes(_ decision: Decision<ExecutionPlan>) -> Int {
            decision.actions.count { if case .probe = $0 { true } else { false } }
        }
        for isUp in [true, false] {
            var live = LiveState()
            live.externals["tcp://stock:1"] = ExternalState(available: isUp, message: "", checkedAt: start.instant)
            let early = decide(plan, tasks, live: live, now: start.advanced(by: .seconds(20)))
            #expect(probes(early) == 0)
            #expect(early.next == .after(.seconds(10)))
            #expect(probes(decide(plan, tasks, live: live, now: start.advanced(by: .seconds(30)))) == 1)
        }
        #expect(probes(decide(plan, tasks)) == 1, "the first time at once")
    }

    @Test func externalsThatNobodyCheckedAreUnknown() {
        let plan = begun(two) { plan in
            var external = External()
            external.name = "stock"
            external.endpoint = "tcp://stock:1"
            plan.spec.regions[0].externals = [external, External()]
        }
        func states(_ settings: Settings) -> [ExternalAvailability] {
            let cache = Cache.holding(Region.sample(), WorkerPool.sample(), plan)
            guard
                let world = PlanReconciler().gather(
                    plan.key, from: Snapshot(cache: cache, live: LiveState(), settings: settings))
            else { preconditionFailure("no world") }
            let decision = PlanReconciler().decide(world, now: start)
            #expect(decision.status.externals.allSatisfy { !$0.available })
            let probes = decision.actions.contains { if case .probe = $0 { true } else { false } }
            #expect(probes == !settings.assumesExternals)
            return decision.status.externals.map(\.state)
        }
        var settings = Settings.sample
        #expect(states(settings) == [.unknown, .unknown])
        settings.rehearsal = true
        #expect(states(settings) == [.unknown, .unknown], "a rehearsal asks too")
        settings.assumesExternals = true
        #expect(states(settings) == [.unknown, .unknown], "and says so where it does not")
    }

    @Test func whatKeepsItsPlacesFromHavingWorkersIsSaid() {
        var cache = Cache.holding(Region.sample(), begun([.sample("a")]))
        let pool = WorkerPool.sample {
            $0.status.conditions = [Condition(.ready, .no, .provisioningFailed, "0 of 2 workers ready: no such image")]
        }
        cache.add(pool, version: 7)
        cache.add(WorkTask.sample { $0.status.reason = Reason.provisioningWorkers.rawValue }, version: 8)
        guard
            let world = PlanReconciler().gather(
                begun([.sample("a")]).key, from: Snapshot(cache: cache, live: LiveState(), settings: .sample))
        else { preconditionFailure("no world") }
        let status = PlanReconciler().decide(world, now: start).status
        #expect(status.message == "1 task pending; pool web: 0 of 2 workers ready: no such image")
        #expect(status.conditions[.succeeded]?.reason == "ProvisioningFailed")
    }

    @Test func aPlaceThatDoesNotExistIsNamedWithTheOneThatWasMeant() {
        let plan = begun([.sample("a")]) { plan in
            plan.spec.regions[0].pool = "webs"
            plan.status.phase = .planning
        }
        let said = decide(plan, [WorkTask.sample("a")])
        #expect(
            said.status.message
                == "worker pool \"webs\" does not exist (did you mean \"web\"?); the plan goes on when it does")
        let elsewhere = decide(begun([.sample("a")]) { $0.spec.regions[0].region = "esat" }, [WorkTask.sample("a")])
        #expect(elsewhere.status.message?.hasPrefix("region \"esat\" does not exist (did you mean \"east\"?)") == true)
    }

    @Test func aPlanOfManyTasksUnfoldsInSteps() {
        let many = (0..<1200).map { PlanTask.sample("t\($0)") }
        #expect(decide(.sample(many)).created.count == 500)
    }

    @Test func aPlanCancelledBeforeItBeganEnds() {
        let decision = decide(.sample(two) { $0.spec.cancel = true })
        #expect(decision.created.isEmpty)
        #expect(decision.status.phase == .cancelled, "there is nothing to stop")
        let half = decide(begun(two) { $0.spec.cancel = true }, [WorkTask.ended("a", .succeeded)])
        #expect(half.status.phase == .cancelled, "what was not unfolded never will be")
    }

    @Test func aNameThatIsTakenIsSaid() {
        var other = WorkTask.sample("a")
        other.spec.plan = "sit"
        let first = decide(.sample(two), [other])
        #expect(first.actions.isEmpty, "nothing is made of a plan that can't be whole")
        #expect(first.status.phase == .blocked)
        #expect(first.status.reason == "NameTaken")
        #expect(first.status.conditions[.stalled]?.message.contains("site-a stands already") == true)
        #expect(first.events.map(\.reason) == [.nameTaken])
        let begun = decide(begun(two) { $0.status.observedGeneration = 0 }, [other, WorkTask.sample("b")])
        #expect(begun.status.conditions[.stalled]?.reason == "NameTaken", "what runs goes on, the rest is said")
    }

    @Test func aCycleCreatesNothing() {
        let cycle = [PlanTask.sample("a", after: ["b"]), .sample("b", after: ["a"])]
        let decision = decide(.sample(cycle))
        #expect(decision.created.isEmpty)
        #expect(decision.status.conditions[.stalled]?.reason == "InvalidGraph")
        let settled = ExecutionPlan.sample(cycle) { $0.status = decision.status }
        #expect(decide(settled).status == decision.status, "and it stays so")
        let repaired = ExecutionPlan.sample(two) { plan in
            plan.status = decision.status
            plan.metadata.generation = 2
        }
        #expect(decide(repaired).created == ["site-a", "site-b"])
        #expect(decide(repaired).status.conditions[.stalled] == nil)
    }

    @Test func aRunningPlanDoesNotFollowABrokenChange() {
        let plan = begun([.sample("a", after: ["a"])]) { $0.metadata.generation = 2 }
        let decision = decide(plan, [WorkTask.running()])
        #expect(decision.actions.isEmpty)
        #expect(decision.status.phase == .running)
        #expect(decision.status.conditions[.stalled]?.reason == "InvalidGraph")
    }

    @Test func whatGoesOnUnderABrokenChangeIsTold() {
        var plan = begun([.sample("a", after: ["a"])]) { $0.metadata.generation = 2 }
        plan.status = decide(plan, [WorkTask.running(), WorkTask.sample("b")]).status
        #expect(plan.status.message == "0 of 2 tasks finished, 1 running")
        plan.status = decide(plan, [WorkTask.ended("a", .succeeded), WorkTask.running("b")]).status
        #expect(plan.status.message == "1 of 2 tasks finished, 1 running")
        plan.status = decide(plan, [WorkTask.ended("a", .succeeded), WorkTask.ended("b", .succeeded)]).status
        #expect(plan.status.phase == .blocked, "the spec that stands has not been done")
        #expect(plan.status.message?.hasPrefix("all that ran has ended; the changed spec is not followed") == true)
        #expect(plan.status.conditions[.stalled]?.reason == "InvalidGraph")
        let again = decide(plan, [WorkTask.ended("a", .succeeded), WorkTask.ended("b", .succeeded)], now: later)
        #expect(again.status == plan.status, "and that is all there is to say")
    }

    private let later = Moment(instant: start.instant + .hours(1), wall: start.wall + .hours(1))

    @Test(arguments: [2, 3]) func aPlanWithABrokenChangeCanBeCancelled(_ generation: Int) {
        var plan = begun([.sample("a", after: ["a"])]) { $0.metadata.generation = 2 }
        plan.status = decide(plan, [WorkTask.running()]).status
        plan.metadata.generation = generation
        plan.spec.cancel = true
        #expect(decide(plan, [WorkTask.running()]).status.message == "stopping 1 tasks")
        #expect(decide(plan, [WorkTask.ended("a", .cancelled)]).status.phase == .cancelled)
    }

    @Test(arguments: [
        (a: TaskPhase.pending, b: TaskPhase.pending, phase: PlanPhase.planning, because: "nothing has begun"),
        (.running, .pending, .running, "one runs"), (.assigned, .pending, .running, "one is bound"),
        (.succeeded, .pending, .running, "one is done"), (.succeeded, .succeeded, .succeeded, "all are"),
        (.failed, .pending, .running, "the other is not settled yet"),
        (.failed, .running, .running, "others still run"),
        (.failed, .cancelled, .failed, "a failed task fails the plan when all are settled"),
        (.timedOut, .cancelled, .failed, "so does a late one"),
        (.succeeded, .cancelled, .failed, "one that never ran is missing"),
    ])
    func phases(_ row: (a: TaskPhase, b: TaskPhase, phase: PlanPhase, because: String)) {
        // One that was Running is not Planning again.
        let plan = begun(two) { if row.phase == .planning { $0.status.phase = .planning } }
        let decision = decide(plan, [WorkTask.ended("a", row.a), WorkTask.ended("b", row.b)])
        #expect(decision.status.phase == row.phase, "\(row.because)")
        let condition = decision.status.conditions[.succeeded]?.status
        #expect(condition == (row.phase == .succeeded ? .yes : row.phase == .failed ? .no : .unknown))
        #expect(decision.status.conditions.isTrue(.failed) == (row.phase == .failed))
    }

    @Test func blockedIsWhatOnlyOthersCanChange() {
        let stuck = WorkTask.sample { task in
            task.status.reason = Reason.noFeasibleWorker.rawValue
            task.status.message = "nobody has a GPU"
        }
        let decision = decide(begun([.sample("a")]), [stuck])
        #expect(decision.status.phase == .blocked)
        #expect(decision.status.message == "a: nobody has a GPU")
        #expect(
            decide(begun([.sample("a")]) { $0.spec.suspend = true }, [WorkTask.sample()]).status.reason == "Suspended")
        #expect(
            decide(begun([.sample("a")]) { $0.spec.regions[0].region = "mars" }, [WorkTask.sample()]).status.reason
                == "RegionNotFound")
        #expect(
            decide(begun([.sample("a")]) { $0.spec.regions[0].pool = "none" }, [WorkTask.sample()]).status.reason
                == "PoolNotFound")
    }

    @Test func aPlanRunsOutOfTime() {
        let plan = begun([.sample("a")]) { $0.spec.scheduling.timeout = .minutes(5) }
        let decision = decide(plan, [WorkTask.running()])
        #expect(decision.status.phase == .failed)
        #expect(decision.status.reason == "TimedOut")
    }

    @Test func aPlanOutOfTimeCleansUpFirst() {
        var plan = begun([.sample("a"), .sample("tidy", after: ["a"])]) { $0.spec.scheduling.timeout = .minutes(5) }
        func tidy(_ phase: TaskPhase) -> WorkTask {
            var task = WorkTask.ended("tidy", phase)
            task.spec.runWhen = .always
            return task
        }
        plan.status = decide(plan, [WorkTask.running(), tidy(.pending)]).status
        #expect(plan.status.phase == .running)
        #expect(plan.status.message?.contains("cleaning up: tidy") == true)
        #expect(plan.status.endingSince == start.wall)
        let again = decide(plan, [WorkTask.running(), tidy(.running)], now: start.advanced(by: .minutes(1)))
        #expect(again.status.endingSince == start.wall, "noted once")
        #expect(again.events.isEmpty)
        let done = decide(
            plan, [WorkTask.ended("a", .timedOut), tidy(.succeeded)], now: start.advanced(by: .minutes(1)))
        #expect(done.status.phase == .failed)
        #expect(done.status.reason == "TimedOut", "whatever its tasks ended as")
        let late = decide(plan, [WorkTask.running(), tidy(.running)], now: start.advanced(by: .minutes(5)))
        #expect(late.status.phase == .failed, "cleaning up has a limit of its own")
    }

    @Test func aCancelledPlanIsNotedAndCleansUp() {
        let plan = begun([.sample("a")]) { $0.spec.cancel = true }
        let decision = decide(plan, [WorkTask.running()])
        #expect(decision.status.endingSince == start.wall)
        #expect(decision.status.endingReason == "Cancelled")
    }

    @Test func cancelEndsWhenEveryTaskHas() {
        let plan = begun([.sample("a")]) { $0.spec.cancel = true }
        #expect(decide(plan, [WorkTask.running()]).status.phase == .running)
        #expect(decide(plan, [WorkTask.ended("a", .cancelled)]).status.phase == .cancelled)
        let late = begun([.sample("a")]) { plan in
            plan.spec.cancel = true
            plan.spec.scheduling.timeout = .minutes(1)
        }
        #expect(
            decide(late, [WorkTask.running()]).status.phase == .running, "what is cancelled does not time out as well")
    }

    @Test func whatHasNotBegunFollowsTheSpec() {
        var changed = two
        changed[0].priority = 5
        changed[1].priority = 5
        let plan = begun(changed) { $0.metadata.generation = 2 }
        let waiting = decide(plan, [WorkTask.running("a"), WorkTask.sample("b") { $0.spec.dependsOn = ["a"] }])
        #expect(waiting.replaced == ["site-b"], "a keeps what it began with")
        let fewer = decide(
            begun([.sample("a")]) { $0.metadata.generation = 2 }, [WorkTask.running("a"), WorkTask.sample("b")])
        #expect(fewer.deleted == ["site-b"])
    }

    @Test func aSyncPointFollowsTheSpec() {
        let plan = begun([.sample("a")]) { plan in
            plan.spec.synchronization = Self.gate(1)
            plan.metadata.generation = 2
        }
        var point = SyncPoint(metadata: .sample("site-gate"), spec: SyncPointSpec())
        point.metadata.ownerReferences = [plan.ownerReference]
        point.spec.plan = "site"
        #expect(decide(plan, [WorkTask.running(), point]).replaced == ["site-gate"])
        let without = begun([.sample("a")]) { $0.metadata.generation = 2 }
        #expect(decide(without, [WorkTask.running(), point]).deleted == ["site-gate"])
        point.metadata.ownerReferences = []
        #expect(decide(without, [WorkTask.running(), point]).deleted.isEmpty, "the user's own stays")
    }

    @Test func aFailedPlanRunsAnewWhenItsSpecChanges() {
        let failed = begun(two) { plan in
            plan.status.phase = .failed
            plan.status.finishedAt = start.wall
        }
        let tasks = [
            WorkTask.ended("a", .succeeded), WorkTask.ended("b", .failed),
        ]
        #expect(decide(failed, tasks).actions.isEmpty, "not by itself")
        var changed = failed
        changed.metadata.generation = 2
        let decision = decide(changed, tasks)
        #expect(decision.deleted.contains("site-b"))
        #expect(decision.status.phase == .planning)
        #expect(decision.status.finishedAt == nil)
        changed.status = decision.status
        let next = decide(changed, [WorkTask.ended("a", .succeeded)])
        #expect(next.created == ["site-b"])
        #expect(next.status.executionID == "uid-site-2")
    }

    @Test func anEndedPlanStaysEnded() {
        var plan = begun(two)
        let tasks = [WorkTask.ended("a", .succeeded), WorkTask.ended("b", .failed)]
        plan.status = decide(plan, tasks).status
        #expect(plan.status.phase == .failed)
        for change in ["suspend", "resume", "cancel"] {
            plan.metadata.generation += 1
            plan.spec.suspend = change == "suspend"
            plan.spec.cancel = change == "cancel"
            let decision = decide(plan, tasks)
            #expect(decision.actions.isEmpty, "\(change) is no other work")
            #expect(decision.status.phase == .failed)
            plan.status = decision.status
        }
        plan.spec.cancel = false
        plan.spec.regions[0].tasks[1].run.command = ["false"]
        plan.metadata.generation += 1
        #expect(decide(plan, tasks).status.phase == .planning, "another command is")
    }

    @Test func suspendedTimeDoesNotCountAgainstTheLimit() {
        var plan = begun([.sample("a")]) { plan in
            plan.spec.scheduling.timeout = .minutes(6)
            plan.spec.suspend = true
        }
        let task = [WorkTask.sample()]
        plan.status = decide(plan, task).status
        #expect(decide(plan, task, now: start.advanced(by: .hours(1))).status.phase == .blocked)
        plan.spec.suspend = false
        let resumed = decide(plan, task, now: start.advanced(by: .hours(1)))
        #expect(resumed.status.phase != .failed)
        #expect(resumed.status.suspendedFor == .hours(1))
        plan.status = resumed.status
        #expect(decide(plan, task, now: start.advanced(by: .minutes(60) + .seconds(50))).status.phase != .failed)
        #expect(decide(plan, task, now: start.advanced(by: .minutes(61))).status.reason == "TimedOut")
    }

    @Test func whatWasNotNeededIsNoFailure() {
        let plan = begun([.sample("a"), .sample("rescue", after: ["a"])])
        var rescue = WorkTask.ended("rescue", .skipped)
        rescue.spec.runWhen = .failed
        let decision = decide(plan, [WorkTask.ended("a", .succeeded), rescue])
        #expect(decision.status.phase == .succeeded)
        #expect(decision.status.message == "all 1 tasks succeeded, 1 not needed")
        #expect(decision.status.counts.skipped == 1)
    }

    @Test func whatTheSpecNoLongerListsEndsNothing() {
        // Of two tasks one was exchanged: the former is still there, the new one not yet.
        let plan = begun([.sample("a"), .sample("new")]) { $0.metadata.generation = 2 }
        let decision = decide(plan, [WorkTask.ended("a", .succeeded), WorkTask.ended("old", .succeeded)])
        #expect(decision.created == ["site-new"])
        #expect(decision.status.phase != .succeeded, "the new one has not run")
    }

    @Test func whatARunAnewIsRidOfEndsNothing() {
        // The failed one that the spec still lists is deleted first; the other goes when the new one is made.
        var plan = ExecutionPlan.sample([.sample("a"), .sample("b")]) { $0.metadata.generation = 2 }
        plan.status.phase = .planning
        plan.status.observedGeneration = 2
        plan.status.specHash = "of this spec"
        let decision = decide(plan, [WorkTask.ended("a", .succeeded), WorkTask.ended("old", .cancelled)])
        #expect(decision.created == ["site-b"])
        #expect(decision.deleted.contains("site-old"))
        #expect(decision.status.phase == .planning || decision.status.phase == .running, "b has not run")
    }

    @Test func deletionStopsAttemptsFirst() {
        let plan = begun([.sample("a")]) { $0.metadata.deletionTimestamp = start.wall }
        let running = decide(plan, [WorkTask.running()])
        #expect(running.deleted.isEmpty)
        #expect(running.finalizer == true)
        #expect(running.status.conditions[.reconciling]?.message == "stopping a")
        let deaf = decide(plan, [WorkTask.running()], now: start.advanced(by: .seconds(25)))
        #expect(deaf.deleted == ["site-a"], "an agent that does not answer is not waited for")
        #expect(decide(plan, [WorkTask.ended("a", .cancelled)]).deleted == ["site-a"])
        #expect(decide(plan).finalizer == false)
    }

    @Test func aRecoveryIsMeasured() {
        let moved = WorkTask.running { task in
            var lost = AttemptRecord()
            lost.attempt = 1
            lost.worker = "web-1-1"
            lost.region = "east"
            lost.reason = Reason.workerLost.rawValue
            lost.lastSeen = start.wall - .seconds(20)
            lost.detectedAt = start.wall - .seconds(8)
            lost.finishedAt = start.wall - .seconds(8)
            task.status.attempts = [lost]
            task.status.attempt = 2
            task.status.startedAt = start.wall - .seconds(6)
        }
        let decision = decide(begun([.sample("a")]), [moved])
        let record = decision.status.recoveries.first
        #expect(record?.worker == "web-1-1")
        #expect(record?.downtimeSeconds == "14")
        #expect(decision.said.contains(.recovered))
        let settled = begun([.sample("a")]) { $0.status = decision.status }
        #expect(!decide(settled, [moved]).said.contains(.recovered), "said once")
    }

    @Test(arguments: [
        (phase: PlanPhase.running, because: "while it runs"), (.succeeded, "and when it has ended"),
    ])
    func ofManyLostWorkersTheLatestAreKept(_ row: (phase: PlanPhase, because: String)) {
        let tasks = ["a", "b"].enumerated().map { index, name in
            WorkTask.running(name) { task in
                task.status.attempts = (0..<9).map { Self.lost("web-\(index)-\($0)", secondsAgo: 500 - 10 * $0) }
                task.status.attempt = 10
                if row.phase == .succeeded { task.status.phase = .succeeded }
            }
        }
        let plan = begun([.sample("a"), .sample("b")]) { $0.status.phase = row.phase }
        let first = decide(plan, tasks).status
        #expect(first.recoveries.map(\.worker).last == "web-1-8")
        #expect(first.recoveries.count == 10)
        let again = decide(begun([.sample("a"), .sample("b")]) { $0.status = first }, tasks)
        #expect(again.status == first, "what fell out of the list is not found anew, \(row.because)")
        #expect(!again.said.contains(.recovered))
    }

    private static func lost(_ worker: String, secondsAgo: Int) -> AttemptRecord {
        var lost = AttemptRecord()
        lost.attempt = 1
        lost.worker = worker
        lost.region = "east"
        lost.reason = Reason.workerLost.rawValue
        lost.detectedAt = start.wall - .seconds(secondsAgo)
        lost.finishedAt = start.wall - .seconds(secondsAgo)
        lost.startedAt = start.wall - .seconds(secondsAgo + 5)
        return lost
    }

    @Test func onlyWhatSomebodyAskedForIsReportedAsUnsupported() {
        let plain = ExecutionPlan.sample { plan in
            var template = WorkerPoolSpec()
            template.autoscaling = Autoscaling()
            plan.spec.regions[0].pool = nil
            plan.spec.regions[0].poolTemplate = template
        }
        #expect(decide(plain).status.conditions[.partlySupported] == nil, "defaults ask for nothing")
        var asked = plain
        asked.spec.faultTolerance.failback.policy = .preferred
        #expect(decide(asked).status.conditions[.partlySupported]?.message.contains("failback") == true)
    }

    @Test func atRestNothingChangesWhateverTheTime() {
        let tasks = [WorkTask.running(), WorkTask.sample("b") { $0.spec.dependsOn = ["a"] }]
        let settled = begun(two) { $0.status = decide(begun(two), tasks).status }
        let later = decide(settled, tasks, now: start.advanced(by: .hours(1)))
        #expect(later.status == settled.status)
        #expect(later.actions.isEmpty)
    }
}
