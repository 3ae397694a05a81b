import Model
import Ports
import Storage
import Tree
import WorkerProtocol

// What an agent is told, and when workers and attempts are given up.
extension World {
    // MARK: What it is told

    /// An agent runs what the task says, with what it was promised: outputs and secrets are in their places by then.
    mutating func judgeAssignment(_ assignment: AssignmentMessage, _ task: WorkTask) {
        guard task.status.fence == assignment.fence else { return }
        let spec = task.spec
        func check(_ isRight: Bool, _ what: String) {
            if !isRight { fail(.result, "\(task.key) was started with another \(what) than it says") }
        }
        check(assignment.run.command == spec.run.command, "command")
        check(assignment.killGrace == spec.killGrace, "killGrace")
        check(assignment.timeout == spec.timeout, "timeout")
        if let disk = spec.requires.storage { check(assignment.limits?.storage == disk, "disk") }
        check(assignment.exclusive == spec.exclusive || scenario.mutant == .exclusive, "exclusive")
        for variable in spec.run.env {
            let given = assignment.run.env.first { $0.name == variable.name }?.value
            if variable.secretRef != nil {
                check(given == WideScript.secretPlain, "secret in \(variable.name)")
            } else if variable.value?.holds(".outputs.result}") == true {
                check(given == Self.output, "output in \(variable.name)")
            } else {
                check(given == variable.value, "value of \(variable.name)")
            }
        }
    }

    /// What a task writes as its `result`.
    static let output = "42"

    // MARK: When it is given up

    /// A lease runs out by silence alone.
    mutating func judgeExpiry(_ change: StoredChange) {
        guard let after = change.after,
            change.status?["failure"]?["reason"] == "LeaseExpired" || change.status?["state"] == "Offline"
        else { return }
        judgeAwake(change, after)
        guard let heard = witness.heard[after.uid], heard.controller == change.by,
            let lostAfter = (try? Worker(tree: after.tree))?.spec.lease.lostAfter
        else { return }
        // What came in between was not heard by then.
        let decided = decidedAt ?? now
        guard let last = heard.last(by: decided) else { return }
        guard decided - last + .milliseconds(100) < lostAfter else { return }
        fail(
            .limit, "\(change.key) was given up for silence, \((decided - last).text) of \(lostAfter.text) after a word"
        )
    }

    /// L3: who leads since a moment ago, or was itself asleep, has heard nothing: every lease counts from then.
    private mutating func judgeAwake(_ change: StoredChange, _ worker: StoredObject) {
        guard let index = change.by, let lostAfter = (try? Worker(tree: worker.tree))?.spec.lease.lostAfter else {
            return
        }
        let awake = now - controllers[index].awakeSince
        guard awake + .milliseconds(100) < lostAfter else { return }
        fail(
            .limit,
            "\(change.key) was given up for silence by a controller awake for \(awake.text) of \(lostAfter.text)")
    }

    mutating func noteRenewal(_ request: SimulatedRequest) {
        guard let controller = request.controller, controllers[controller].epoch == witness.epoch,
            request.number > witness.renewals[request.agent] ?? -1
        else { return }
        witness.renewals[request.agent] = request.number
        let uid = agents[request.agent].uid
        judgeSilence(uid, controller)
        witness.heard[uid] = HeardSeen(witness.heard[uid], by: controller, at: now)
    }

    /// Attempts on a worker that is to go have the time that was promised them.
    mutating func judgeDrain(_ change: StoredChange) {
        guard change.by != nil, let assignment = change.status?["assignment"], assignment["stop"] == "Preempted",
            change.before?.tree["status"]?["assignment"]?["stop"] == nil,
            let name = assignment["worker"]?.string,
            let worker = store.get(ObjectKey(.worker, change.key.namespace, name)),
            let deadline = (try? Worker(tree: worker.tree))?.spec.drainDeadline,
            let since = witness.drainsSince[worker.uid]
        else { return }
        guard now - since + .milliseconds(2500) < deadline else { return }
        fail(
            .limit,
            "\(change.key) was stopped \((now - since).text) after \(worker.key.name) was to go, and \(deadline.text) "
                + "are allowed")
    }

    /// Since when a worker is on its way out, or kept from tasks.
    mutating func noteDrain(_ change: StoredChange) {
        guard let worker = change.after else { return }
        let isGoing =
            worker.tree["metadata"]?["deletionTimestamp"] != nil || change.spec?["maintenance"] == true
        if !isGoing { witness.drainsSince[worker.uid] = nil }
        if isGoing, witness.drainsSince[worker.uid] == nil { witness.drainsSince[worker.uid] = now }
    }

    /// Where nothing goes wrong, no attempt outlives its time and the grace after it.
    mutating func judgeLength(_ place: Int) {
        guard scenario.kind.isDrawnWide, scenario.faults.isEmpty else { return }
        let attempt = attempts[place]
        if let limit = attempt.limit, now - attempt.startedAt > limit + attempt.killGrace + .seconds(2) {
            fail(.limit, "an attempt ran for \((now - attempt.startedAt).text), and \(limit.text) are allowed")
        }
        judgeStop(attempt)
    }

    /// Nor does it outlive its plan's cancel, or what its worker may take to be drained, by more than its grace.
    private mutating func judgeStop(_ attempt: SimulatedAttempt) {
        let tasks = store.list(StoreQuery(kinds: [.task])).objects
        guard let task = tasks.first(where: { $0.uid == attempt.id.taskUID }) else { return }
        let grace = attempt.killGrace + .seconds(4)
        let owners = task.tree["metadata"]?["ownerReferences"]?.array ?? []
        let plan = owners.compactMap { $0["uid"]?.string }.compactMap { witness.plans[$0] }.first
        if let since = plan?.cancelledAt, task.tree["spec"]?["runWhen"] != "Always", now - since > grace {
            fail(.limit, "\(task.key) ran for \((now - since).text) after its plan was cancelled")
        }
        let uid = agents[attempt.agent].uid
        guard let since = witness.drainsSince[uid],
            let worker = store.list(StoreQuery(kinds: [.worker])).objects.first(where: { $0.uid == uid }),
            let deadline = worker.tree["spec"]?["drainDeadline"]?.string.flatMap({ Duration(text: $0) })
        else { return }
        guard now - max(since, attempt.startedAt) > deadline + grace else { return }
        fail(.limit, "\(task.key) ran for \((now - since).text) on a worker that was to go, \(deadline.text) allowed")
    }

    // MARK: Barriers

    /// Nobody gives a barrier up before its time.
    mutating func judgePoint(_ change: StoredChange) {
        guard let after = change.after, let status = change.status else { return }
        if status["arrivals"]?.array?.isEmpty ?? true { witness.firstArrival[after.uid] = nil }
        let state = status["state"]?.string
        if state != change.before?.tree["status"]?["state"]?.string {
            witness.mark("point \(state ?? "")")
            judgeGivingUp(after, state)
            judgeOpening(after, state)
        }
        if change.by != nil { judgeArrivals(after) }
        if status["arrivals"]?.array?.isEmpty == false, witness.firstArrival[after.uid] == nil {
            witness.firstArrival[after.uid] = now
        }
    }

    /// What an outside party said counts for the barrier as it stood then.
    private mutating func judgeArrivals(_ object: StoredObject) {
        guard let point = try? SyncPoint(tree: object.tree), !point.status.arrivals.isEmpty else { return }
        let present = Set(point.status.arrivals.map(\.participant))
        for party in point.spec.participants where present.contains(party.identity) {
            guard let name = party.external else { continue }
            let said = point.metadata.annotations[Names.arrivalPrefix + name]
            guard said != String(point.status.generation) else { continue }
            fail(.syncPoint, "\(object.key) counts \(name), who arrived at generation \(said ?? "none")")
        }
    }

    /// One that goes on without who is missing does so when its time is up.
    private mutating func judgeOpening(_ object: StoredObject, _ state: String?) {
        guard state == "Released", scenario.faults.isEmpty, let point = try? SyncPoint(tree: object.tree),
            point.spec.onTimeout == .proceed, point.spec.timeout > .zero,
            let first = witness.firstArrival[object.uid], now - first > point.spec.timeout + .seconds(3)
        else { return }
        fail(
            .syncPoint,
            "\(object.key) opened \((now - first).text) after the first arrival, and was to after "
                + point.spec.timeout.text)
    }

    private mutating func judgeGivingUp(_ object: StoredObject, _ state: String?) {
        guard state != "Waiting", let point = try? SyncPoint(tree: object.tree), point.spec.timeout > .zero,
            let first = witness.firstArrival[object.uid],
            now - (witness.editedAt[object.key] ?? .origin) > point.spec.timeout
        else { return }
        let wanted = point.spec.quorum > 0 ? point.spec.quorum : point.spec.participants.count
        let present = Set(point.status.arrivals.map(\.participant)).count
        let isTimeUp = point.status.conditions.contains { $0.message.holds("timed out") }
        guard present < wanted, isTimeUp, now - first + .milliseconds(2500) < point.spec.timeout else { return }
        fail(
            .syncPoint,
            "\(object.key) is \(state ?? "") \((now - first).text) after the first arrival, and "
                + "\(point.spec.timeout.text) are allowed")
    }
}
