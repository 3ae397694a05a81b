package import Model

/// What one placement round decided. Every task of the input is in `bindings` or in `pending`, once.
package struct RoundResult: Sendable {
    /// In the order decided.
    package var bindings: [Binding] = []
    package var pending: [Pending] = []
    /// What pools should grow by, in key order.
    package var needs: [PoolNeed] = []
    /// How regions scored for each plan whose tasks the round could place freely, best first.
    package var regions: [ObjectKey: [RegionScore]] = [:]
    /// To hand to the next round.
    package var cursor: ObjectKey?
    /// Likewise: each plan's turn, and how far turns have come.
    package var served: [ObjectKey: Duration] = [:]
    package var turn = Duration.zero
}

/// A task gets a worker.
package struct Binding: Sendable {
    package let task: ObjectKey
    package let taskUID: String
    package let worker: ObjectKey
    package let workerUID: String
    package let region: String
    package let pool: ObjectKey
    /// Higher is better; 0 under RoundRobin, which scores nothing.
    package let score: Double
    /// One slot's share of the worker's price.
    package let ratePerHour: Money
    /// The same on the most expensive worker it could have had: the baseline of savings.
    package let baselinePerHour: Money
    package let record: PlacementRecord
}

/// A task stays without a worker.
package struct Pending: Sendable, CustomStringConvertible {
    package let task: ObjectKey
    package let taskUID: String
    package let reason: Reason
    package let message: String
    /// The pool it waits for, under ProvisioningWorkers.
    package let waitsFor: ObjectKey?
    /// The worker of that pool that is meant for it.
    package let reservation: Reservation?
    package let record: PlacementRecord
    /// Nothing that stands could take it, however free, and no pool could bring what does, or wants to: it waits for
    /// places to change.
    package let isHopeless: Bool

    package var description: String { "\(reason.rawValue): \(message)" }
}

/// Tasks that fit a pool's next workers, and how many of those they fill.
package struct PoolNeed: Sendable, Hashable {
    package let pool: ObjectKey
    package var tasks: Int
    /// Workers beyond those that are Online now; the provisioning ones count towards it.
    package var workers: Int
    /// The kinds of the new ones by slot, where the pool has a choice.
    package var types: [Int: String]
    /// Tasks of plans that leave scaling to a person, and how many workers beyond all these they would fill.
    package var advised = Advice()

    package struct Advice: Sendable, Hashable {
        package var tasks = 0
        package var workers = 0
        package init(tasks: Int = 0, workers: Int = 0) {
            self.tasks = tasks
            self.workers = workers
        }
    }

    package init(pool: ObjectKey, tasks: Int, workers: Int, types: [Int: String] = [:]) {
        self.pool = pool
        self.tasks = tasks
        self.workers = workers
        self.types = types
    }
}
