package import Model
package import Ports

/// What is known and not stored: it is observed anew after every start.
package struct LiveState: Sendable {
    /// By worker uid.
    package var leases: [String: Lease] = [:]
    package var observations: [String: Observation] = [:]
    /// When each of them was received.
    package var observedAt: [String: Instant] = [:]
    /// When workers were given up for silence alone in the last minute, by region. The objects that tell of it may
    /// be gone by then.
    package var evictions: [String: [Instant]] = [:]
    /// The last renewal of workers whose objects are gone, by region: it was heard then.
    package var heard: [String: Instant] = [:]
    package var calls: [String: CallState] = [:]
    /// What each worker's agent last said of its container engine, by uid: the version of its API, nil for none.
    package var containerEngines: [String: String?] = [:]
    /// Workers whose agents said that they were told to end: nothing new is bound to them.
    package var leaving: Set<String> = []
    /// When a worker last could not start an attempt for want of processes, memory, descriptors or disk.
    package var exhausted: [String: Instant] = [:]
    /// Workers that said what can't be true, by uid, with what it was.
    package var misbehaving: [String: String] = [:]
    /// Reports of agents not yet committed, in order of arrival, by task.
    package var reports: [ObjectKey: [TaskReport]] = [:] { didSet { revisions.reports += 1 } }
    /// What objects could not make for want of room in their namespace.
    package var refusals: [ObjectKey: QuotaRefusal] = [:]
    /// By region.
    package var providers: [String: ProviderState] = [:]
    /// By `tcp://…` endpoint.
    package var externals: [String: ExternalState] = [:] { didSet { revisions.externals += 1 } }
    /// When this controller began to lead: nothing was silent before that.
    package var leadingSince = Instant.origin
    /// When this process was last found to have been asleep.
    package var wokeAt: Instant?
    /// Pending tasks that would run on a pool if it had a worker more, as the last round saw it.
    package var demand: [ObjectKey: Demand] = [:] { didSet { revisions.demand += 1 } }
    /// The worker that RoundRobin chose last.
    package var cursor: ObjectKey?
    /// How much each unfinished plan was given, in the time of its tasks, and how far turns have come.
    package var served: [ObjectKey: Duration] = [:]
    package var turn = Duration.zero
    /// Of the parts that `LiveParts` names.
    private(set) var revisions = Revisions()

    package init() {}

    func revisions(with cache: Cache) -> Revisions {
        var all = revisions
        all.cache = cache.revision
        return all
    }
}

/// Tasks that wait for a pool, and how many workers beyond its online ones they would fill.
package struct Demand: Sendable, Hashable {
    package var tasks: Int
    package var workers: Int
    /// Workers that took tasks when the round looked: with another number of them the demand is out of date.
    package var present: Int
    /// The instance types of new ones by slot, where the pool has a choice.
    package var types: [Int: String]
    /// Tasks of plans that leave scaling to a person, and how many workers beyond all that come they would fill.
    package var advisedTasks: Int
    package var advisedWorkers: Int
    package init(
        tasks: Int, workers: Int, present: Int, types: [Int: String] = [:], advisedTasks: Int = 0,
        advisedWorkers: Int = 0
    ) {
        self.tasks = tasks
        self.workers = workers
        self.present = present
        self.types = types
        self.advisedTasks = advisedTasks
        self.advisedWorkers = advisedWorkers
    }
}

/// The renewals of one worker, in memory only.
package struct Lease: Sendable, Hashable {
    /// What silence is counted from: the last renewal, or the end of our own sleep.
    package var lastRenewal: Instant
    /// Its last sign of life, as it happened.
    package var lastRenewalWall: Timestamp
    package init(lastRenewal: Instant, wall: Timestamp) {
        self.lastRenewal = lastRenewal
        lastRenewalWall = wall
    }
}

/// What the door did for one worker.
package struct CallState: Sendable, Hashable {
    package enum Verb: String, Sendable, Hashable { case create, release, observe }
    package var inFlight: Verb?
    /// Failures in a row of the verb last tried.
    package var failures = 0
    package var retryAt: Instant?
    package var lastError: ProviderError?
    package var createAccepted = false
    package var createdAt: Instant?
    package var releaseAccepted = false
    package var releasedAt: Instant?
    /// A release was accepted after the end had been seen: whatever an ended worker leaves behind is cleaned away too.
    package var releaseConfirmed = false
    package init() {}
}

package struct ProviderState: Sendable, Hashable {
    package var lastInventory: Instant?
    package var lastError: ProviderError?
    package var failures = 0
    package var inFlight = false
    package var latency: Duration?
    /// The provider tells of every change by itself.
    package var isFollowed = false
    /// Since when the last inventory does not cover all that may be there, whatever the provider tells.
    package var unsureSince: Instant?
    /// What the last inventory showed that no Worker object claims.
    package var unclaimed: [Observation] = []
    /// The inventory under way lets go what is kept for later workers.
    package var isTidying = false
    /// Nothing is kept for later workers: an inventory since the last create let it go.
    package var isTidy = false
    package init() {}

    /// Whether the last inventory still holds and left nothing to do.
    package var isAtRest: Bool {
        isFollowed && unsureSince == nil && lastInventory != nil && lastError == nil && unclaimed.isEmpty
    }
}

package struct ExternalState: Sendable, Hashable {
    package var available: Bool
    package var message: String
    package var checkedAt: Instant
    package init(available: Bool, message: String, checkedAt: Instant) {
        self.available = available
        self.message = message
        self.checkedAt = checkedAt
    }
}

/// A fenced word from an agent about one attempt.
package struct TaskReport: Sendable, Hashable {
    package enum Phase: Sendable, Hashable { case running, ended }
    package var task: ObjectKey
    package var taskUID: String
    package var workerUID: String
    package var attempt: Int
    package var fence: Int
    package var sequence: Int
    package var phase: Phase
    package var startedAt: Timestamp?
    package var finishedAt: Timestamp?
    package var exitCode: Int?
    package var signal: Int?
    package var reason: Reason
    package var message: String?
    package var outputs: [String: String]

    package init(
        task: ObjectKey, taskUID: String, workerUID: String, attempt: Int, fence: Int, sequence: Int, phase: Phase,
        startedAt: Timestamp?, finishedAt: Timestamp?, exitCode: Int?, signal: Int?, reason: Reason,
        message: String?, outputs: [String: String]
    ) {
        self.task = task
        self.taskUID = taskUID
        self.workerUID = workerUID
        self.attempt = attempt
        self.fence = fence
        self.sequence = sequence
        self.phase = phase
        self.startedAt = startedAt
        self.finishedAt = finishedAt
        self.exitCode = exitCode
        self.signal = signal
        self.reason = reason
        self.message = message
        self.outputs = outputs
    }
}
