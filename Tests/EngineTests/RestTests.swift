import Engine
import Model
import Ports
import Synchronization
import Testing

/// How often a key at rest is decided: the reconciler counts.
@Suite struct RestTests {
    private final class Counting: Reconciler {
        let next: Next
        let decisions = Mutex(0)
        init(next: Next = .awaitChange) { self.next = next }

        func gather(_ key: ObjectKey, from snapshot: Snapshot) -> Worker? { snapshot.cache.workers[key]?.object }
        func decide(_ world: Worker, now: Moment) -> Decision<Worker> {
            decisions.withLock { $0 += 1 }
            var decision = Decision<Worker>(status: world.status)
            decision.next = next
            return decision
        }
        var count: Int { decisions.withLock { $0 } }
    }

    private let key = WorkKey.object(ObjectKey(.worker, "shop", "w"))
    private let start = Moment(instant: .origin + .seconds(1000), wall: Timestamp(milliseconds: 1_700_000_000_000))

    private func engine(_ reconciler: Counting) -> Engine {
        var engine = Engine(
            settings: Settings(clusterID: "c", epoch: 1), reconcilers: [AnyReconciler(reconciler, in: { $0.workers })],
            round: RoundReconciler { _, _, _ in RoundReconciler.Result() }, seed: 1, affected: { _, _ in [] })
        engine.ingest([.restarted, .initial(.worker("w", version: 1)), .synced(version: 1)], now: start)
        engine.step(now: start)
        return engine
    }

    @Test func whatIsAtRestIsLookedAtAndNotDecided() {
        let reconciler = Counting()
        var engine = engine(reconciler)
        for second in 1...3 {
            let now = start.advanced(by: .seconds(Int64(second)))
            engine.wake(key, now: now)
            engine.step(now: now)
        }
        #expect(reconciler.count == 1)
        #expect(engine.stats.reconciles == 4 + 1, "the key four times, the round once")
    }

    /// One that names what it reads is not even looked at while nothing of that was written.
    private final class Naming: Reconciler {
        let looks = Mutex(0)
        var reads: LiveParts? { .externals }

        func gather(_ key: ObjectKey, from snapshot: Snapshot) -> Worker? {
            looks.withLock { $0 += 1 }
            return snapshot.cache.workers[key]?.object
        }
        func decide(_ world: Worker, now: Moment) -> Decision<Worker> { Decision(status: world.status) }
    }

    @Test func whatItReadsIsLookedAtWhenThatWasWritten() {
        let reconciler = Naming()
        var engine = Engine(
            settings: Settings(clusterID: "c", epoch: 1), reconcilers: [AnyReconciler(reconciler, in: { $0.workers })],
            round: RoundReconciler { _, _, _ in RoundReconciler.Result() }, seed: 1, affected: { _, _ in [] })
        engine.ingest([.restarted, .initial(.worker("w", version: 1)), .synced(version: 1)], now: start)
        engine.step(now: start)
        func looksAfterWaking() -> Int {
            let before = reconciler.looks.withLock { $0 }
            engine.wake(key, now: start)
            engine.step(now: start)
            return reconciler.looks.withLock { $0 } - before
        }
        #expect(looksAfterWaking() == 0)
        engine.live.demand[ObjectKey(.workerPool, "shop", "p")] = Demand(tasks: 1, workers: 1, present: 0)
        #expect(looksAfterWaking() == 0, "it does not read that")
        engine.live.externals["tcp://db:1"] = ExternalState(available: true, message: "", checkedAt: .origin)
        #expect(looksAfterWaking() == 1)
        #expect(looksAfterWaking() == 0)
        engine.ingest([.applied(.worker("v", version: 2), created: true)], now: start)
        engine.step(now: start)
        #expect(looksAfterWaking() == 1, "any write of the cache")
        #expect(looksAfterWaking() == 0)
    }

    @Test func anotherVersionIsDecided() {
        let reconciler = Counting()
        var engine = engine(reconciler)
        engine.ingest([.applied(.worker("w", version: 2), created: false)], now: start)
        engine.step(now: start)
        #expect(reconciler.count == 2)
    }

    @Test func timeAloneDecidesWhenTheDecisionSaidSo() {
        let reconciler = Counting(next: .after(.seconds(10)))
        var engine = engine(reconciler)
        let early = start.advanced(by: .seconds(9))
        engine.wake(key, now: early)
        engine.step(now: early)
        #expect(reconciler.count == 1)
        #expect(engine.nextDue == start.instant + .seconds(10), "waking it early has not lost its time")
        engine.step(now: start.advanced(by: .seconds(10)))
        #expect(reconciler.count == 2)
    }

    @Test func anObjectMadeAnewIsDecided() {
        let reconciler = Counting()
        var engine = engine(reconciler)
        engine.ingest([.deleted(.worker("w", version: 2))], now: start)
        engine.ingest([.applied(.worker("w", version: 3), created: true)], now: start)
        engine.step(now: start)
        #expect(reconciler.count == 2)
    }

    @Test func anAuditNamesWhatWasNotAtRest() {
        // Breaks the law: it changes its mind with time, and has not said so.
        struct Fickle: Reconciler {
            let since: Instant
            func gather(_ key: ObjectKey, from snapshot: Snapshot) -> Worker? { snapshot.cache.workers[key]?.object }
            func decide(_ world: Worker, now: Moment) -> Decision<Worker> {
                var decision = Decision<Worker>(status: world.status)
                if now.instant > since { decision.status.observedGeneration = 7 }
                return decision
            }
        }
        var engine = Engine(
            settings: Settings(clusterID: "c", epoch: 1),
            reconcilers: [AnyReconciler(Fickle(since: start.instant), in: { $0.workers })],
            round: RoundReconciler { _, _, _ in RoundReconciler.Result() }, seed: 1, affected: { _, _ in [] })
        engine.auditsRest = true
        engine.ingest([.restarted, .initial(.worker("w", version: 1)), .synced(version: 1)], now: start)
        engine.step(now: start)
        #expect(engine.restless.isEmpty)
        let later = start.advanced(by: .seconds(1))
        engine.wake(key, now: later)
        engine.step(now: later)
        #expect(engine.restless == [ObjectKey(.worker, "shop", "w")])
    }
}
