import Engine
import Model
import Ports

/// One pass over one worker: facts in, status and calls out.
struct WorkerStep {
    let world: WorkerReconciler.World
    let now: Moment
    var decision: Decision<Worker>

    private var worker: Worker { world.worker }
    private var wasReady: Bool { worker.status.state.takesTasks }

    init(world: WorkerReconciler.World, now: Moment) {
        self.world = world
        self.now = now
        decision = Decision(status: world.worker.status)
    }

    mutating func run() {
        decision.finalizer = true
        decision.status.observedGeneration = worker.metadata.generation
        decision.status.tasks = world.boundTasks
        if worker.metadata.isDeleting {
            end()
        } else if !world.poolExists {
            decision.actions.append(.delete(worker.key, reason: "its pool is gone"))
        } else {
            switch worker.status.state {
            case .failed: release(reason: worker.status.failure?.reason ?? "failed")
            case .provisioning: provision()
            default: watch()
            }
        }
        summarise()
    }

    // MARK: Provisioning

    private mutating func provision() {
        if worker.status.createdAt == nil {
            if let objection = world.objection {
                return fail(objection.reason, "not created: \(objection.message)", proven: true)
            }
            // The intent: slot, attempt and epoch are durable before anything is asked of the provider.
            decision.status.createdAt = now.wall
            decision.status.epoch = Int(world.settings.epoch)
            call(.create, "slot \(worker.spec.slot) attempt \(worker.spec.attempt)")
            decision.events.append(
                .init(.normal, .provisioning, "Creating \(worker.spec.backend.rawValue) in \(worker.spec.region)"))
            return wait(world.settings.joinTimeout)
        }
        adopt()
        if case .exited(let code, let signal)? = world.observation?.state {
            return fail(.processExited, "before it joined, " + exitText(code, signal), proven: true, exitCode: code)
        }
        if world.lease != nil { return watch() }
        // Nobody can join while nobody leads.
        let waited = min(now.wall - (worker.status.createdAt ?? now.wall), now.instant - world.leadingSince)
        if waited >= world.settings.joinTimeout {
            // Whether it was ever made is the provider's to know: its words say what to mend.
            let cause = world.call.lastError.map { WorkerTrouble.separator + $0.message } ?? ""
            let message = "did not join within \(world.settings.joinTimeout.text)\(cause)"
            return fail(.joinTimeout, message, proven: false)
        }
        if let error = world.call.lastError, error.code == .invalid || error.code == .quota || error.code == .capacity {
            return fail(.provisioningFailed, error.message, proven: true)
        }
        // What an earlier controller began may be half done: asking again finishes it.
        let isBegun = [nil, .absent, .starting].contains(world.observation?.state)
        if isBegun, !world.call.createAccepted { call(.create, "not yet confirmed") }
        if world.call.createAccepted, world.observation == nil { call(.observe, "created, not yet seen") }
        wait(world.settings.joinTimeout - waited)
    }

    private mutating func adopt() {
        guard let seen = world.observation else { return }
        decision.status.providerID = seen.providerID ?? decision.status.providerID
        decision.status.address = seen.address ?? decision.status.address
        decision.status.isolation = seen.isolation ?? decision.status.isolation
    }

    // MARK: Watching a worker that has joined

    private mutating func watch() {
        adopt()
        if isLost() || isWornOut() { return }
        if world.observation == nil { call(.observe, "joined, not yet seen") }
        decision.status.onlineAt = decision.status.onlineAt ?? now.wall
        if let heard = world.containerEngine { decision.status.containerEngine = heard }
        settle()
    }

    /// Gives the worker up on proof of its death, or on silence past its lease; else says how healthy it is. True:
    /// nothing more is to be decided about it now.
    private mutating func isLost() -> Bool {
        if let lie = world.misbehaviour {
            // Nothing is proven dead by that: what it runs may run on until the provider has ended it.
            fail(.misbehaving, "it is not believed any more: \(lie)", proven: false)
            return true
        }
        switch world.observation?.state {
        case .exited(let code, let signal):
            fail(.processExited, exitText(code, signal), proven: true, exitCode: code)
            return true
        case .absent where worker.status.providerID != nil:
            // Another engine may answer where its own did: then it lives, and goes on being heard until it is told to
            // end.
            let message = "the provider no longer has it" + (isHeard ? ", and it was heard all the same" : "")
            fail(.processExited, message, proven: !isHeard)
            return true
        default: break
        }
        let heard = max(world.lease?.lastRenewal ?? .origin, world.leadingSince)
        let silence = now.instant - heard
        let lostAfter = worker.spec.lease.lostAfter
        if silence > lostAfter {
            guard world.silence.mayEvict(worker.metadata.uid, now: now) else {
                decision.status.state = .offline
                health(0, "silent for more than \(lostAfter.text), kept: too many are silent at once")
                if worker.status.state != .offline {
                    decision.events.append(.init(.warning, .offline, decision.status.healthReason ?? ""))
                }
                wait(.seconds(1))
                return true
            }
            fail(.leaseExpired, "no renewal for \(silence.age), lease \(lostAfter.text)", proven: false)
            return true
        }
        let half = lostAfter / 2
        if silence > half {
            health(50, "no renewal for more than \(half.text)")
            wait(lostAfter - silence + .milliseconds(1))
        } else if let left = exhausted() {
            health(70, "it lately lacked the processes, memory, descriptors or disk to start a task")
            wait(min(half - silence, left) + .milliseconds(1))
        } else {
            health(100, nil)
            wait(half - silence + .milliseconds(1))
        }
        return false
    }

    /// Whether it has lately renewed its lease: two renewals are on their way at the most.
    private var isHeard: Bool {
        guard let lease = world.lease else { return false }
        return now.instant - lease.lastRenewal <= min(worker.spec.lease.renew * 2, worker.spec.lease.lostAfter / 2)
    }

    /// Where nothing can be started any more waiting helps nobody: it is replaced once what still runs on it has ended.
    private mutating func isWornOut() -> Bool {
        guard world.exhaustions >= Self.mostExhaustions, world.boundTasks == 0 else { return false }
        let lack = "for want of processes, memory, descriptors or disk"
        fail(.workerExhausted, "could not start \(world.exhaustions) attempts in a row \(lack)", proven: false)
        return true
    }

    private static let mostExhaustions = 3

    /// How long it still counts against the worker that it could not start an attempt.
    private func exhausted() -> Duration? {
        guard let at = world.exhaustedAt else { return nil }
        let left = Self.exhaustionCounts - (now.instant - at)
        return left > .zero ? left : nil
    }

    static let exhaustionCounts = Duration.minutes(1)

    /// That its agent was told to end the leader knows by hearing it: what the one before had heard stands until the
    /// agent has had the time to say it again.
    private mutating func mayBeLeaving() -> Bool {
        let left = world.leadingSince + Self.heardAgain - now.instant
        guard worker.status.state == .draining, left > .zero else { return false }
        wait(left + .milliseconds(1))
        return true
    }

    /// Twice as long as an agent waits at most before it asks a controller again that did not answer.
    private static let heardAgain = Duration.seconds(10)

    /// Which of the live states it is in.
    private mutating func settle() {
        let before = worker.status.state
        if worker.spec.maintenance {
            decision.status.state = .maintenance
            let since = worker.status.drainSince ?? now.wall
            decision.status.drainSince = since
            if world.boundTasks > 0 { wait(max(.zero, since + world.drainDeadline - now.wall) + .milliseconds(1)) }
        } else if world.isLeaving || world.exhaustions >= Self.mostExhaustions || mayBeLeaving() {
            decision.status.drainSince = nil
            decision.status.state = .draining
        } else {
            decision.status.drainSince = nil
            decision.status.state = world.boundTasks >= worker.spec.maxConcurrentTasks ? .busy : .online
        }
        let isIdle = world.boundTasks == 0 && decision.status.state.takesTasks
        decision.status.idleSince = isIdle ? worker.status.idleSince ?? now.wall : nil
        if before == .provisioning {
            decision.events.append(
                .init(.normal, .online, "Joined; takes up to \(worker.spec.maxConcurrentTasks) tasks"))
        }
    }

    // MARK: The end

    private mutating func end() {
        adopt()
        guard worker.status.createdAt != nil else { return finish() }
        let isFailed = worker.status.state == .failed
        if !isFailed, world.boundTasks > 0 {
            let since = worker.status.drainSince ?? now.wall
            decision.status.drainSince = since
            decision.status.state = .draining
            let left = since + world.drainDeadline - now.wall
            if left > .zero {
                // One that never joined has no lease to watch.
                if worker.status.onlineAt != nil, isLost() { return }
                return wait(left + .milliseconds(1))
            }
        }
        if !isFailed { decision.status.state = .draining }
        release(reason: "deleted")
        if decision.status.gone { finish() }
    }

    private mutating func finish() {
        decision.status.gone = true
        decision.finalizer = false
        decision.actions.append(.removeBlobs(prefix: "workers/\(worker.metadata.uid)"))
    }

    /// Asks for the end until the provider shows that nothing is left. Whoever asks is woken by the door: by the
    /// answer, or when it may be asked again. A pace of its own would look at every worker behind an open circuit in
    /// vain.
    private mutating func release(reason: String) {
        guard !worker.status.gone else { return }
        if world.call.releaseConfirmed || (world.call.releaseAccepted && world.observation?.state == .absent) {
            decision.status.gone = true
            return
        }
        let released = world.call.releasedAt.map { now.instant - $0 }
        if case .exited? = world.observation?.state {
            call(.release, reason)
        } else if world.call.releaseAccepted, let released, released < .seconds(2) {
            call(.observe, "released, not yet gone")
        } else {
            call(.release, reason)
        }
    }

    private mutating func fail(_ reason: Reason, _ message: String, proven: Bool, exitCode: Int? = nil) {
        var failure = FailureRecord()
        failure.reason = reason.rawValue
        failure.message = message
        failure.at = now.wall
        failure.exitCode = exitCode
        failure.proven = proven
        decision.status.failure = failure
        decision.status.state = .failed
        // Its last renewal is not the last of it where nobody listened, as while the controller was paused.
        let heard = world.lease?.lastRenewalWall ?? worker.status.onlineAt ?? worker.status.createdAt
        let seen = world.observation?.lastSeen.map { min($0, now.wall) }
        decision.status.lastSeen = [heard, seen].compactMap { $0 }.max()
        health(0, message)
        decision.events.append(.init(.warning, reason, message))
        wait(.zero)
    }

    // MARK: Details

    private mutating func call(_ verb: CallState.Verb, _ reason: String) {
        var call = WorkerCall(verb, worker, reason: reason)
        if verb == .release { call.keepsSupplies = world.keepsSupplies }
        decision.actions.append(.call(call))
    }

    private mutating func wait(_ duration: Duration) {
        if case .after(let standing) = decision.next, standing <= duration { return }
        decision.next = .after(duration)
    }

    private mutating func health(_ score: Int, _ reason: String?) {
        decision.status.health = score
        decision.status.healthReason = reason
    }

    /// Why its end could not be asked for; an end that does not come says why.
    private func unreleased(besides said: String?) -> String {
        guard worker.status.state == .failed || worker.metadata.isDeleting, let error = world.call.lastError,
            said?.contains(error.message) != true
        else { return "" }
        return "; not yet released: \(error.message)"
    }

    private func exitText(_ code: Int?, _ signal: Int?) -> String {
        var text = code.map { "exited with \($0)" } ?? "the process is gone"
        if let signal { text = "killed by signal \(signal)" }
        return world.observation?.explanation.map { "\(text): \($0)" } ?? text
    }

    private mutating func summarise() {
        let status = decision.status
        var summary = WorkerSummary()
        summary.load = "\(status.tasks)/\(worker.spec.maxConcurrentTasks)"
        summary.cost = worker.spec.price.perHour.description
        summary.health = String(status.health)
        decision.status.summary = summary
        let ready: Condition =
            switch status.state {
            case .online, .busy: Condition(.ready, .yes, .online, "renews its lease and takes tasks")
            case .provisioning:
                world.call.lastError.map { Condition(.ready, .no, .provisioningFailed, $0.message) }
                    ?? Condition(.ready, .no, .provisioning, "waiting for it to join")
            case .maintenance: Condition(.ready, .no, .maintenance, "cordoned by spec.maintenance")
            case .draining: Condition(.ready, .no, .draining, "\(status.tasks) tasks left" + unreleased(besides: nil))
            case .offline: Condition(.ready, .unknown, .offline, status.healthReason ?? "silent")
            case .failed:
                Condition(
                    .ready, .no, Reason(rawValue: status.failure?.reason ?? "") ?? .failed,
                    (status.failure?.message ?? "") + unreleased(besides: status.failure?.message))
            }
        decision.status.conditions.set(ready, generation: worker.metadata.generation, at: now.wall)
    }
}
