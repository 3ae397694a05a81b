package import Engine
package import Model

/// Opens a barrier exactly when enough distinct, current participants have arrived under its generation (S12).
/// Repeated and stale arrivals change nothing; a release is final for its generation.
package struct SyncPointReconciler: Reconciler {
    package typealias Object = SyncPoint

    package struct World: Sendable, Equatable {
        package var point: SyncPoint
        package var ownerGone: Bool
        package var planExists: Bool
        /// What the participating regions must have finished, by participant identity; nil: not known yet.
        package var obligations: [String: Obligation]
        package var settings: Settings
    }

    /// The tasks whose success is a participant's arrival.
    package struct Obligation: Sendable, Hashable {
        package var open: [String]
        package var failed: [String]
        package var isMet: Bool { open.isEmpty && failed.isEmpty }
    }

    package init() {}

    package var reads: LiveParts? { [] }

    package func gather(_ key: ObjectKey, from snapshot: Snapshot) -> World? {
        guard let point = snapshot.cache.syncPoints[key]?.object else { return nil }
        let planKey = ObjectKey(.executionPlan, key.namespace, point.spec.plan ?? "")
        let plan = point.spec.plan.flatMap { _ in snapshot.cache.plans[planKey]?.object }
        let owner = point.metadata.controllerOwner
        var obligations: [String: Obligation] = [:]
        for participant in point.spec.participants {
            if let region = participant.region, let plan {
                obligations[participant.identity] = SyncPointRule.obligation(
                    of: region, point: point, plan: plan, tasks: snapshot.cache.tasks(of: planKey))
            } else if let other = participant.plan {
                let phase = snapshot.cache.plans[ObjectKey(.executionPlan, key.namespace, other)]?.object.status.phase
                let failed = phase == .failed || phase == .cancelled
                obligations[participant.identity] = Obligation(
                    open: phase == .succeeded || failed ? [] : [other], failed: failed ? [other] : [])
            }
        }
        return World(
            point: point, ownerGone: owner != nil && plan?.metadata.uid != owner?.uid, planExists: plan != nil,
            obligations: obligations, settings: snapshot.settings)
    }

    package func decide(_ world: World, now: Moment) -> Decision<SyncPoint> {
        let point = world.point
        var decision = Decision<SyncPoint>(status: point.status)
        if world.ownerGone {
            if !point.metadata.isDeleting { decision.actions.append(.delete(point.key, reason: "its plan is gone")) }
            return decision
        }
        decision.status.observedGeneration = point.metadata.generation
        startGeneration(point, &decision, now)
        if decision.status.state == .waiting || decision.status.state == .held { count(world, &decision, now) }
        conditions(world, &decision, now)
        return decision
    }

    /// A changed spec is a new generation: it waits again, and nobody has arrived.
    private func startGeneration(_ point: SyncPoint, _ decision: inout Decision<SyncPoint>, _ now: Moment) {
        guard decision.status.generation != point.metadata.generation else { return }
        decision.status.generation = point.metadata.generation
        decision.status.state = .waiting
        decision.status.arrivals = []
        decision.status.published = []
        decision.status.firstArrivalAt = nil
        decision.status.releasedAt = nil
        decision.status.since = now.wall
    }

    private func count(_ world: World, _ decision: inout Decision<SyncPoint>, _ now: Moment) {
        let point = world.point
        let present = Set(decision.status.arrivals.map(\.participant))
        for participant in point.spec.participants where !present.contains(participant.identity) {
            guard arrived(participant, world) else { continue }
            var arrival = Arrival()
            arrival.participant = participant.identity
            arrival.at = now.wall
            decision.status.arrivals.append(arrival)
            decision.status.firstArrivalAt = decision.status.firstArrivalAt ?? now.wall
            decision.events.append(.init(.normal, .arrived, "\(participant.identity) arrived"))
        }
        let wanted = SyncPointRule.wanted(point.spec)
        if decision.status.arrivals.count >= wanted {
            return release(point, &decision, now, .released, "\(decision.status.arrivals.count) of \(wanted) arrived")
        }
        if let why = hopeless(world, decision.status) {
            decision.status.state = .failed
            decision.status.since = now.wall
            return decision.events.append(.init(.warning, .dependencyFailed, why))
        }
        guard point.spec.timeout > .zero, let first = decision.status.firstArrivalAt else { return }
        let left = first + point.spec.timeout - now.wall
        guard left <= .zero else {
            decision.next = .after(left + .milliseconds(1))
            return
        }
        let missing = TaskReadiness.list(SyncPointRule.missing(point.spec, decision.status))
        switch point.spec.onTimeout {
        case .proceed: release(point, &decision, now, .continued, "timed out without \(missing); onTimeout is Continue")
        case .fail:
            decision.status.state = .failed
            decision.status.since = now.wall
            decision.events.append(.init(.warning, .timedOut, "timed out without \(missing)"))
        case .hold:
            guard decision.status.state != .held else { return }
            decision.status.state = .held
            decision.status.since = now.wall
            decision.events.append(.init(.warning, .held, "timed out without \(missing); holding until they arrive"))
        }
    }

    /// Why it can't open any more: too many participants have work that ended the wrong way for good. Nil while it
    /// can, or will by its timeout.
    private func hopeless(_ world: World, _ status: SyncPointStatus) -> String? {
        let spec = world.point.spec
        if spec.onTimeout == .proceed, spec.timeout > .zero, status.firstArrivalAt != nil { return nil }
        let present = Set(status.arrivals.map(\.participant))
        let barred = spec.participants.filter { participant in
            !present.contains(participant.identity) && world.obligations[participant.identity]?.failed.isEmpty == false
        }
        guard spec.participants.count - barred.count < SyncPointRule.wanted(spec) else { return nil }
        let reasons = barred.map {
            "\($0.identity) (\(TaskReadiness.list(world.obligations[$0.identity]?.failed ?? [])) failed)"
        }
        return "can't open any more: \(TaskReadiness.list(reasons))"
    }

    private func release(
        _ point: SyncPoint, _ decision: inout Decision<SyncPoint>, _ now: Moment, _ reason: Reason, _ message: String
    ) {
        decision.status.state = .released
        decision.status.releasedAt = now.wall
        decision.status.since = now.wall
        decision.status.published = point.spec.participants.map(\.identity)
        decision.events.append(.init(.normal, reason, "Released: \(message)"))
    }

    private func arrived(_ participant: Participant, _ world: World) -> Bool {
        if let external = participant.external {
            guard let word = world.point.metadata.annotations[Names.arrivalPrefix + external] else { return false }
            return word == String(world.point.metadata.generation)
        }
        return world.obligations[participant.identity]?.isMet ?? false
    }

    private func conditions(_ world: World, _ decision: inout Decision<SyncPoint>, _ now: Moment) {
        let point = world.point
        let status = decision.status
        let wanted = SyncPointRule.wanted(point.spec)
        var summary = SyncPointSummary()
        summary.arrived = "\(status.arrivals.count)/\(wanted)"
        decision.status.summary = summary
        let missing = TaskReadiness.list(SyncPointRule.missing(point.spec, status))
        let succeeded: Condition =
            switch status.state {
            case .released: Condition(.succeeded, .yes, .released, "\(summary.arrived) arrived")
            case .failed: failure(world, status, missing, .succeeded, .no)
            case .held: Condition(.succeeded, .unknown, .held, "timed out without \(missing)")
            case .waiting: Condition(.succeeded, .unknown, .waiting, "waits for \(missing)")
            }
        let generation = point.metadata.generation
        decision.status.conditions.set(succeeded, generation: generation, at: now.wall)
        if status.state == .failed {
            decision.status.conditions.set(
                failure(world, status, missing, .failed, .yes), generation: generation, at: now.wall)
        }
        if point.spec.communication.method == .messageQueue {
            let queue = point.spec.communication.queue ?? "the default queue"
            decision.status.conditions.set(
                Condition(
                    .rehearsed, .yes, .localRehearsal, "messages of \(queue) pass through the store on this machine"),
                generation: generation, at: now.wall)
        }
    }

    private func failure(
        _ world: World, _ status: SyncPointStatus, _ missing: String, _ type: ConditionType, _ value: Condition.Status
    ) -> Condition {
        if let why = hopeless(world, status) { return Condition(type, value, .dependencyFailed, why) }
        return Condition(type, value, .timedOut, "timed out without \(missing)")
    }
}
