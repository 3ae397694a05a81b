import Engine
import Model

/// What of the rented workers a plan pays for.
///
/// Law: what all plans pay together, and what stands idle by a pool's own minimum, is what the pools cost. A worker
/// with tasks is paid for by their plans, by slots. One without any is paid for by the unfinished plans that use its
/// pool, in equal parts, be it starting, between two tasks or waiting for its release; when the last of them has
/// ended, by that one. Workers that a pool keeps by its minimum are nobody's while they are idle.
enum PlanBill {
    /// One worker as the plan's bill sees it.
    struct Rent: Sendable, Equatable {
        let worker: String
        let region: String
        let rate: Money
        /// Tasks bound to it: this plan's, and all.
        let own: Int
        let all: Int
        /// Plans that pay for it while it is idle, this one among them; 0: it is none of this plan's.
        let payers: Int

        /// This plan's part of the rate, rounded up.
        var part: Money {
            if all > 0 { return part(own, of: all) }
            return payers > 0 ? part(1, of: payers) : .zero
        }

        private func part(_ numerator: Int, of denominator: Int) -> Money {
            let scaled = Int128(rate.micros) * Int128(numerator)
            return Money(micros: Int64((scaled + Int128(denominator - 1)) / Int128(denominator)))
        }
    }

    static func rents(of plan: ExecutionPlan, cache: Cache, onDemand: Bool) -> [Rent] {
        pools(of: plan, cache).flatMap { rents(of: plan, pool: $0, cache: cache, onDemand: onDemand) }
    }

    /// The pools that the plan names or makes; all of its namespace where it has tasks without a region.
    static func pools(of plan: ExecutionPlan, _ cache: Cache) -> [WorkerPool] {
        let namespace = plan.key.namespace
        guard plan.spec.tasks.isEmpty else {
            return cache.keys(of: .workerPool).compactMap { $0.namespace == namespace ? cache.pools[$0]?.object : nil }
        }
        let names = Set(plan.spec.regions.map { $0.pool ?? TaskNames.pool(plan: plan.key.name, region: $0.region) })
        return names.sorted().compactMap { cache.pools[ObjectKey(.workerPool, namespace, $0)]?.object }
    }

    private static func rents(of plan: ExecutionPlan, pool: WorkerPool, cache: Cache, onDemand: Bool) -> [Rent] {
        let workers = cache.workers(of: pool.key).filter { $0.committedRate > .zero }
        guard !workers.isEmpty else { return [] }
        let payers = payers(plan.key, pool.key, isOver: plan.status.phase.isTerminal, cache)
        var standing =
            onDemand
            ? 0
            : pool.spec.autoscaling == nil
                ? pool.spec.replicas ?? pool.spec.minWorkers
                : pool.spec.minWorkers
        let counted = workers.map { worker -> (worker: Worker, own: Int, all: Int) in
            let keys = cache.taskKeys(on: worker.key)
            let own = keys.count { cache.tasks[$0]?.object.spec.plan == plan.key.name }
            if !keys.isEmpty { standing -= 1 }
            return (worker, own, keys.count)
        }
        return counted.sorted { $0.worker.spec.slot < $1.worker.spec.slot }.map { worker, own, all in
            var payers = payers
            if all == 0, standing > 0, !worker.metadata.isDeleting {
                standing -= 1
                payers = 0
            }
            return Rent(
                worker: worker.metadata.name, region: worker.spec.region, rate: worker.committedRate, own: own,
                all: all, payers: payers)
        }
    }

    private static func payers(_ plan: ObjectKey, _ pool: ObjectKey, isOver: Bool, _ cache: Cache) -> Int {
        let users = cache.plans(using: pool)
        guard isOver else { return max(1, users.count) }
        // Over: only what it used last, until it is released or another plan uses it.
        guard users.isEmpty else { return 0 }
        let settling = cache.settlingPlans(of: pool)
        return settling.contains(plan) ? settling.count : 0
    }

    static func rate(_ rents: [Rent]) -> Money { rents.reduce(.zero) { $0 + $1.part } }
}
