package import Engine
package import Model
import Ports

/// Answers for a place: whether its provider answers, what runs there and what that costs; sweeps what nobody owns.
package struct RegionReconciler: Reconciler {
    package typealias Object = Region

    package struct World: Sendable, Equatable {
        package var region: Region
        package var pools: [WorkerPool]
        package var workers: [Worker]
        package var provider: ProviderState
        package var circuits: [CircuitStatus]
        var silence: RegionSilence
        package var settings: Settings

        /// Whether more workers may be asked for. A run that ends with its plans keeps nothing.
        var keepsSupplies: Bool {
            !settings.onDemand && !region.metadata.isDeleting && pools.contains { !$0.metadata.isDeleting }
        }

        /// Whether its provider may hold what was meant for workers that nobody will ask for: a container engine does.
        var isUntidy: Bool {
            region.spec.provider.kind == .docker && !settings.rehearsal && workers.isEmpty && !keepsSupplies
                && !provider.isTidy
        }
    }

    package init() {}

    package func gather(_ key: ObjectKey, from snapshot: Snapshot) -> World? {
        guard let region = snapshot.cache.regions[key]?.object else { return nil }
        return World(
            region: region, pools: snapshot.cache.pools(in: key.name), workers: snapshot.cache.workers(in: key.name),
            provider: snapshot.live.providers[key.name] ?? ProviderState(), circuits: snapshot.circuits[key.name] ?? [],
            silence: RegionSilence(region: key.name, snapshot: snapshot), settings: snapshot.settings)
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
        judge(world, &decision, now)
        PartlySupported.note(
            region, seen: region.status.observedGeneration, in: &decision.status.conditions, at: now.wall)
        if region.metadata.isDeleting {
            if world.workers.isEmpty {
                // An engine that does not answer holds nobody's region back.
                decision.finalizer = serving != nil && world.isUntidy && world.provider.lastError == nil
            } else {
                set(
                    Condition(.reconciling, .yes, .deleting, "\(world.workers.count) workers left"), region, &decision,
                    now)
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
            // After a restart, what an earlier controller saw stands until the provider has been asked again.
            if !region.status.conditions.isTrue(.ready) {
                set(
                    Condition(.ready, .unknown, .waiting, "asking the \(serving.rawValue) provider"), region, &decision,
                    now)
            }
        } else {
            set(standing(world, serving, &decision, now), region, &decision, now)
        }
        if world.settings.rehearsal, region.spec.provider.kind != .local {
            let message = "served by local processes; prices, latencies and sizes are those declared for \(declared)"
            set(Condition(.rehearsed, .yes, .localRehearsal, message), region, &decision, now)
        } else {
            decision.status.conditions.remove(.rehearsed)
        }
        isolation(world, serving, &decision, now)
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

    /// A provider that answers may make no workers all the same: then that is what there is to know about it.
    private func standing(
        _ world: World, _ serving: ProviderKind, _ decision: inout Decision<Region>, _ now: Moment
    ) -> Condition {
        let cause = world.workers.lazy.compactMap { worker in
            WorkerTrouble.cause(of: worker).map { "\(worker.metadata.name) could not be made: \($0)" }
        }.first
        let answers = "the \(serving.rawValue) provider answers"
        // Once a call may go out again nothing is known against it until one has: none may be wanted.
        let isAsking = world.workers.contains { $0.status.state == .provisioning && !$0.status.gone }
        // An open one says so until its time is over, whoever asks.
        for case (.open, let probeAt?) in world.circuits.map({ ($0.state, $0.probeAt) }) {
            wait(max(probeAt - now.wall, .milliseconds(100)) + .milliseconds(1), &decision)
        }
        let circuit = world.circuits.first { $0.state == .open || isAsking && $0.state != .closed }
        guard let circuit else {
            return Condition(.ready, .yes, .providerReady, cause.map { "\(answers); \($0)" } ?? answers)
        }
        let before = WorkerTrouble.tail(of: world.region.status.conditions[.ready], .circuitOpen)
        let head = "the \(serving.rawValue) provider makes no workers (\(circuit.errorClass))"
        return Condition(
            .ready, .no, .circuitOpen, (cause ?? before).map { head + WorkerTrouble.separator + $0 } ?? head)
    }

    /// Who may run a task in a local region that is not confined may do what the controller's user may: that is said.
    private func isolation(
        _ world: World, _ serving: ProviderKind, _ decision: inout Decision<Region>, _ now: Moment
    ) {
        let asked = (world.region.spec.provider.local ?? LocalRegion()).isolation
        guard serving == .local, let word = world.settings.localIsolation[asked] else {
            return decision.status.conditions.remove(.isolated)
        }
        let before = decision.status.conditions[.isolated]?.status
        set(
            Condition(
                .isolated, word.isConfined ? .yes : .no, word.isConfined ? .confined : .notConfined, word.sentence),
            world.region, &decision, now)
        if !word.isConfined, before != .no {
            decision.events.append(.init(.warning, .notConfined, "Tasks here are not confined: \(word.sentence)"))
        }
    }

    /// A region wholly silent is down, if it is not we who hear nothing (S17); it is up again with the first worker
    /// that is heard.
    private func judge(_ world: World, _ decision: inout Decision<Region>, _ now: Moment) {
        let region = world.region
        let wasDown = region.status.conditions.isTrue(.regionDown)
        let heard = world.silence.total > 0 && !world.silence.isSilent(now: now.instant)
        if !wasDown, world.silence.isSilent(now: now.instant), world.silence.isConfirmed(now: now) {
            let message = "no worker of the region has renewed its lease"
            set(Condition(.regionDown, .yes, .allSilent, message), region, &decision, now)
            decision.events.append(.init(.warning, .allSilent, "The region is down: \(message)"))
        } else if wasDown, heard || world.workers.isEmpty, !world.silence.isSilent(now: now.instant) {
            set(Condition(.regionDown, .no, .online, "a worker of the region is heard again"), region, &decision, now)
            decision.events.append(.init(.normal, .online, "The region is up again"))
        }
        if let at = world.silence.becomesSilent(after: now.instant) { wait(at - now.instant, &decision) }
    }

    /// Lists what exists at start and every sweep interval, and releases what no Worker object claims (S3, S4). Where
    /// the provider tells of every change and the last list left nothing to do, the next comes with the resync.
    private func sweep(_ world: World, _ decision: inout Decision<Region>, _ now: Moment) {
        // A provider that did not answer is asked again soon, then less and less often.
        let soon = Duration.seconds(5 << Int64(min(max(world.provider.failures - 1, 0), 8)))
        let often = world.settings.sweepInterval
        let interval =
            world.provider.isAtRest
            ? max(often, world.settings.resync) : world.provider.failures > 0 ? min(soon, often) : often
        // Who has reason for doubt asks by itself; this is for when that came to nothing.
        let due =
            world.provider.lastInventory.map { max($0, world.provider.unsureSince ?? $0) + interval } ?? now.instant
        let list = Action.inventory(region: world.region.metadata.name, keepsSupplies: world.keepsSupplies)
        if world.isUntidy, world.provider.failures == 0 { decision.actions.append(list) }
        if world.provider.lastInventory == nil || world.region.spec.capabilities.resourceDiscovery {
            if due <= now.instant { decision.actions.append(list) }
            wait(due > now.instant ? due - now.instant : interval / 4, &decision)
        }
        // What an old list showed may be gone since: only a fresh one is acted on.
        guard let last = world.provider.lastInventory, now.instant - last < interval / 2 else { return }
        let known = Set(world.workers.map(\.metadata.uid))
        for orphan in world.provider.unclaimed where !known.contains(orphan.workerUID) && orphan.state != .absent {
            guard let created = orphan.createdAt else { continue }
            let age = now.wall - created
            guard age > Self.orphanAge else {
                wait(Self.orphanAge - age + .milliseconds(1), &decision)
                continue
            }
            // The list that showed it was made when it was too young to be told from a new worker.
            guard age - (now.instant - last) > Self.orphanAge else {
                decision.actions.append(list)
                break
            }
            decision.actions.append(.releaseOrphan(region: world.region.metadata.name, orphan))
            decision.events.append(
                .init(.normal, .orphanRemoved, "Releasing \(orphan.providerID ?? orphan.workerUID): no Worker owns it"))
        }
    }

    /// What is younger may be of a Worker object that this cache does not show yet.
    private static let orphanAge = Duration.seconds(60)

    private func wait(_ duration: Duration, _ decision: inout Decision<Region>) {
        if case .after(let standing) = decision.next, standing <= duration { return }
        decision.next = .after(duration)
    }

    private func set(_ condition: Condition, _ region: Region, _ decision: inout Decision<Region>, _ now: Moment) {
        decision.status.conditions.set(condition, generation: region.metadata.generation, at: now.wall)
    }
}
