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
        guard let after = change.after, change.status?["failure"]?["reason"] == "LeaseExpired",
            let heard = witness.heard[after.uid], heard.controller == change.by,
            let lostAfter = (try? Worker(tree: after.tree))?.spec.lease.lostAfter
        else { return }
        // What is decided is written a little later, and a word that came in between was not heard by then.
        let last = now - heard.at < .milliseconds(50) ? heard.before : heard.at
        guard now - last + .milliseconds(100) < lostAfter else { return }
        fail(.limit, "\(change.key) was given up for silence, \((now - last).text) of \(lostAfter.text) after a word")
    }

    mutating func noteRenewal(_ request: SimulatedRequest) {
        guard !request.isCopy, let controller = request.controller, controllers[controller].epoch == witness.epoch,
            request.number > witness.renewals[request.agent] ?? -1
        else { return }
        witness.renewals[request.agent] = request.number
        let uid = agents[request.agent].uid
        witness.heard[uid] = (witness.heard[uid]?.at ?? now, now, controller)
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
        guard let limit = attempt.limit, now - attempt.startedAt > limit + attempt.killGrace + .seconds(2) else {
            return
        }
        fail(.limit, "an attempt ran for \((now - attempt.startedAt).text), and \(limit.text) are allowed")
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
        }
        if status["arrivals"]?.array?.isEmpty == false, witness.firstArrival[after.uid] == nil {
            witness.firstArrival[after.uid] = now
        }
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
