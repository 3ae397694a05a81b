import Controllers
import Engine
import Model
import Testing

@Suite struct SyncPointReconcilerTests {
    private let plan = ExecutionPlan.sample([.sample("a"), .sample("b"), .sample("late")]) { plan in
        plan.spec.regions[0].tasks[2].waitFor = ["gate"]
    }

    private func point(_ change: (inout SyncPoint) -> Void = { _ in }) -> SyncPoint {
        var point = SyncPoint(metadata: .sample("site-gate"), spec: SyncPointSpec())
        point.spec.plan = "site"
        for region in ["east", "west"] {
            var participant = Participant()
            participant.region = region
            point.spec.participants.append(participant)
        }
        point.spec.after = ["a", "b"]
        change(&point)
        return point
    }

    private func task(_ name: String, _ phase: TaskPhase, in region: String = "east") -> WorkTask {
        .sample(name) { task in
            task.spec.region = region
            task.status.phase = phase
            if name == "late" { task.spec.waitFor = ["site-gate"] }
        }
    }

    private func decide(_ point: SyncPoint, _ tasks: [WorkTask], now: Moment = start) -> Decision<SyncPoint> {
        var cache = Cache.holding(plan, point)
        for (index, task) in tasks.enumerated() { cache.add(task, version: UInt64(100 + index)) }
        let snapshot = Snapshot(cache: cache, live: LiveState(), settings: .sample)
        guard let world = SyncPointReconciler().gather(point.key, from: snapshot) else {
            preconditionFailure("no world")
        }
        return SyncPointReconciler().decide(world, now: now)
    }

    @Test(arguments: [
        (
            a: TaskPhase.running, b: TaskPhase.running, quorum: 0, state: SyncPointState.waiting, arrived: 0,
            because: "nobody is there"
        ),
        (.succeeded, .running, 0, .waiting, 1, "east is"), (.succeeded, .succeeded, 0, .released, 2, "all are"),
        (.succeeded, .running, 1, .released, 1, "one is enough"),
        (.failed, .running, 0, .failed, 0, "east never will be"),
        (.failed, .succeeded, 1, .released, 1, "west is enough"), (.failed, .failed, 1, .failed, 0, "nobody will be"),
    ])
    func opensWhenEnoughHaveArrived(
        _ row: (a: TaskPhase, b: TaskPhase, quorum: Int, state: SyncPointState, arrived: Int, because: String)
    ) {
        let decision = decide(point { $0.spec.quorum = row.quorum }, [task("a", row.a), task("b", row.b, in: "west")])
        #expect(decision.status.state == row.state, "\(row.because)")
        #expect(decision.status.arrivals.count == row.arrived, "\(row.because)")
    }

    @Test func aReleaseIsFinalForItsGeneration() {
        let tasks = [task("a", .succeeded), task("b", .succeeded, in: "west")]
        let released = point { $0.status = decide($0, tasks).status }
        #expect(decide(released, [task("a", .failed), task("b", .running, in: "west")]).status == released.status)
        #expect(decide(released, tasks).said.isEmpty, "published once")
        let anew = point { point in
            point.status = released.status
            point.metadata.generation = 2
        }
        #expect(decide(anew, [task("a", .running), task("b", .running, in: "west")]).status.state == .waiting)
    }

    @Test func aRegionOwesItsOwnTasksElseAll() {
        let both = [task("a", .succeeded), task("b", .running)]
        #expect(decide(point(), both).status.arrivals.isEmpty, "west owns none of them: it owes both")
        let open = point { $0.spec.after = [] }
        let tasks = [task("a", .succeeded), task("b", .running, in: "west"), task("late", .pending)]
        #expect(
            decide(open, tasks).status.arrivals.map(\.participant) == ["region/east"], "late waits for the point itself"
        )
        #expect(decide(open, [task("a", .succeeded)]).status.arrivals.isEmpty, "the plan is not unfolded yet")
    }

    @Test func outsidersArriveUnderTheCurrentGeneration() {
        func outside(_ word: String?) -> SyncPointState {
            decide(
                point { point in
                    var participant = Participant()
                    participant.external = "manager"
                    point.spec.participants = [participant]
                    point.metadata.generation = 2
                    point.metadata.annotations[Names.arrivalPrefix + "manager"] = word
                }, []
            ).status.state
        }
        #expect(outside(nil) == .waiting)
        #expect(outside("1") == .waiting, "a stale arrival")
        #expect(outside("2") == .released)
    }

    @Test(arguments: [
        (rule: OnTimeout.hold, state: SyncPointState.held), (.fail, .failed), (.proceed, .released),
    ])
    func timesOutFromTheFirstArrival(_ row: (rule: OnTimeout, state: SyncPointState)) {
        let tasks = [task("a", .succeeded), task("b", .running, in: "west")]
        let timed = point { point in
            point.spec.timeout = .minutes(5)
            point.spec.onTimeout = row.rule
        }
        let first = decide(timed, tasks)
        #expect(first.after == .minutes(5) + .milliseconds(1))
        let waiting = point { point in
            point.spec = timed.spec
            point.status = first.status
        }
        #expect(
            decide(waiting, tasks, now: start.advanced(by: .minutes(5) - .milliseconds(1))).status.state == .waiting)
        let ended = decide(waiting, tasks, now: start.advanced(by: .minutes(5)))
        #expect(ended.status.state == row.state)
        let arrived = decide(
            point { point in
                point.spec = timed.spec
                point.status = ended.status
            }, [task("a", .succeeded), task("b", .succeeded, in: "west")], now: start.advanced(by: .minutes(6)))
        #expect(arrived.status.state == (row.rule == .fail ? .failed : .released))
    }
}
