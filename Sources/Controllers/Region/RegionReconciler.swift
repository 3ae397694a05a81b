package import Engine
package import Model
import Ports

/// Answers for a place: whether its provider answers, what runs there and what that costs; sweeps what nobody owns.
package struct RegionReconciler: Reconciler {
    package typealias Object = Region

    package struct World: Sendable {
        package var region: Region
        package var pools: [WorkerPool]
        package var workers: [Worker]
        package var provider: ProviderState
        package var circuits: [CircuitStatus]
        package var settings: Settings
    }

    package init() {}

    package func gather(_ key: ObjectKey, from snapshot: Snapshot) -> World? {
        guard let region = snapshot.cache.regions[key]?.object else { return nil }
        return World(
            region: region, pools: snapshot.cache.pools(in: key.name), workers: snapshot.cache.workers(in: key.name),
            provider: snapshot.live.providers[key.name] ?? ProviderState(), circuits: snapshot.circuits[key.name] ?? [],
            settings: snapshot.settings)
    }

    package func decide(_ world: World, now: Moment) -> Decision<Region> {
        let region = world.region
        var decision = Decision<Region>(status: region.status)
        decision.finalizer = true
        decision.status.observedGeneration = region.metadata.generation
        if let asked = region.metadata.annotations[Names.requestedAt] { decision.status.lastHandledReconcileAt = asked }
        count(world, &decision, now)
        let serving = world.settings.serving(region.spec.provider.kind)
        conditions(world, serving, &decision, now)
        if region.metadata.isDeleting {
            if world.workers.isEmpty {
                decision.finalizer = false
            } else {
                set(
                    Condition(.reconciling, .yes, .deleting, "\(world.workers.count) workers left"), region, &decision, now)
            }
        }
        if serving != nil { sweep(world, &decision, now) }
        return decision
    }

    private func count(_ world: World, _ decision: inout Decision<Region>, _ now: Moment) {
        let live = world.workers.filter { !$0.status.gone }
        let ready = live.filter { $0.status.state.takesTasks }
        decision.status.provider = world.region.spec.provider.kind?.rawValue
        decision.status.workers = live.count
        decision.status.readyWorkers = ready.count
        let rate = Ledger.rate(of: live)
        decision.status.accrued = Ledger.advance(
            decision.status.accrued, from: decision.status.costPerHour, to: rate, now: now)
        decision.status.costPerHour = rate
        decision.status.circuits = world.circuits
        // The measured latency is rounded, so that a jitter of microseconds is no change.
        if decision.status.latency == nil { decision.status.latency = world.provider.latency.map(Self.rounded) }
        var summary = RegionSummary()
        summary.workers = "\(ready.count)/\(live.count)"
        summary.cost = rate.description
        summary.latency = world.region.spec.latency?.text ?? decision.status.latency?.text ?? "<none>"
        summary.circuit = world.circuits.first { $0.state != .closed }?.state.rawValue ?? "Closed"
        decision.status.summary = summary
    }

    private static func rounded(_ latency: Duration) -> Duration { .milliseconds(max(1, latency.milliseconds)) }

    private func conditions(
        _ world: World, _ serving: ProviderKind?, _ decision: inout Decision<Region>, _ now: Moment
    ) {
        let region = world.region
        let declared = region.spec.provider.kind?.rawValue ?? "none"
        guard let serving else {
            let message = "this build has no \(declared) provider; `--local` rehearses the region on this machine"
            set(Condition(.ready, .no, .providerNotBuiltIn, message), region, &decision, now)
            set(Condition(.stalled, .yes, .providerNotBuiltIn, message), region, &decision, now)
            return
        }
        decision.status.conditions.remove(.stalled)
        if let error = world.provider.lastError {
            set(Condition(.ready, .no, .providerUnavailable, error.message), region, &decision, now)
        } else if world.provider.lastInventory == nil {
            set(Condition(.ready, .unknown, .waiting, "asking the \(serving.rawValue) provider"), region, &decision, now)
        } else {
            set(Condition(.ready, .yes, .providerReady, "the \(serving.rawValue) provider answers"), region, &decision, now)
        }
        if world.settings.rehearsal, region.spec.provider.kind != .local {
            let message = "served by local processes; prices, latencies and sizes are those declared for \(declared)"
            set(Condition(.rehearsed, .yes, .localRehearsal, message), region, &decision, now)
        } else {
            decision.status.conditions.remove(.rehearsed)
        }
        let switches = region.spec.capabilities
        let off = [
            ("resourceDiscovery", switches.resourceDiscovery), ("loadBalancing", switches.loadBalancing),
            ("faultTolerance", switches.faultTolerance), ("autoscaling", switches.autoscaling),
        ].filter { !$0.1 }.map(\.0)
        if off.isEmpty {
            decision.status.conditions.remove(.capabilitiesOff)
        } else {
            set(
                Condition(.capabilitiesOff, .yes, .switchedOff, "does nothing: \(off.joined(separator: ", "))"), region,
                &decision, now)
        }
    }

    /// Lists what exists at start and every sweep interval, and releases what no Worker object claims (S3, S4).
    private func sweep(_ world: World, _ decision: inout Decision<Region>, _ now: Moment) {
        let interval = world.settings.sweepInterval
        let due = world.provider.lastInventory.map { $0 + interval } ?? now.instant
        if world.provider.lastInventory == nil || world.region.spec.capabilities.resourceDiscovery {
            if due <= now.instant { decision.actions.append(.inventory(region: world.region.metadata.name)) }
            decision.next = .after(max(due - now.instant, interval / 4))
        }
        let known = Set(world.workers.map(\.metadata.uid))
        for orphan in world.provider.unclaimed where !known.contains(orphan.workerUID) && orphan.state != .absent {
            guard let created = orphan.createdAt, now.wall - created > .seconds(60) else { continue }
            decision.actions.append(.releaseOrphan(region: world.region.metadata.name, orphan))
            decision.events.append(
                .init(.normal, .orphanRemoved, "Releasing \(orphan.providerID ?? orphan.workerUID): no Worker owns it"))
        }
    }

    private func set(_ condition: Condition, _ region: Region, _ decision: inout Decision<Region>, _ now: Moment) {
        decision.status.conditions.set(condition, generation: region.metadata.generation, at: now.wall)
    }
}
