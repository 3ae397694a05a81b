package import Model
package import Ports
package import Tree

/// How one kind converges. `gather` copies what a decision needs out of an immutable snapshot; `decide` is a pure,
/// total function of that. Neither waits, reads a clock, or changes anything: the engine does what the decision
/// asks for.
///
/// Law: what `decide` comes to changes only with the world or once `Decision.next` is due. The engine does not ask
/// again before (`Rest`).
package protocol Reconciler<Object>: Sendable {
    associatedtype Object: Resource
    associatedtype World: Sendable, Equatable
    /// What of the live state `gather` reads beside the cache, if that and the settings are all of it. Nil, which it is
    /// unless said: more than that, or the time; such a world is gathered each time to see whether it is the same.
    var reads: LiveParts? { get }
    /// Nil where there is nothing to decide: the object is gone.
    func gather(_ key: ObjectKey, from snapshot: Snapshot) -> World?
    func decide(_ world: World, now: Moment) -> Decision<Object>
}

extension Reconciler {
    package var reads: LiveParts? { nil }
}

/// What reconcilers may look at.
package struct Snapshot: Sendable {
    package let cache: Cache
    package let live: LiveState
    package let settings: Settings
    /// Breakers that are not closed, by region.
    package let circuits: [String: [CircuitStatus]]
    /// When it was taken: what is not yet due need not be gathered. Nil: gather everything.
    package let takenAt: Instant?
    /// Objects whose end is being committed: they stand in the cache, and nothing may be bound to them any more.
    package let leaving: Set<ObjectKey>

    package init(
        cache: Cache, live: LiveState, settings: Settings, circuits: [String: [CircuitStatus]] = [:],
        takenAt: Instant? = nil, leaving: Set<ObjectKey> = []
    ) {
        self.leaving = leaving
        self.takenAt = takenAt
        self.cache = cache
        self.live = live
        self.settings = settings
        self.circuits = circuits
    }

    @usableFromInline var revisions: Revisions { live.revisions(with: cache) }
}

/// What stays the same for a controller's life.
package struct Settings: Sendable, Hashable {
    package var clusterID: String
    package var epoch: UInt64
    /// Every Region is served by the local provider (`--local`).
    package var rehearsal: Bool
    /// Pools of local processes count as min 0 and follow demand (`--once`).
    package var onDemand: Bool
    package var resync: Duration
    package var sweepInterval: Duration
    package var joinTimeout: Duration
    package var providers: Set<ProviderKind>
    /// Processes of this machine find a container engine: what pools that have no worker yet are judged by.
    package var containerEngine = false
    /// What keeps local tasks apart on this machine, by what a region asks for; nil where none are made here.
    package var localIsolation: [LocalRegion.Isolation: IsolationWord] = [:]
    /// Declared endpoints may be addresses of this machine, link-local ones and metadata services.
    package var allowsLocalEndpoints = false
    /// Declared endpoints are not checked, and taken as available.
    package var assumesExternals = false
    /// Only in these networks, `10.0.0.0/8`; empty: anywhere else.
    package var endpointNetworks: [String] = []

    package init(
        clusterID: String, epoch: UInt64, rehearsal: Bool = false, onDemand: Bool = false,
        resync: Duration = .minutes(10), sweepInterval: Duration = .seconds(60),
        joinTimeout: Duration = .seconds(60), providers: Set<ProviderKind> = [.local]
    ) {
        self.clusterID = clusterID
        self.epoch = epoch
        self.rehearsal = rehearsal
        self.onDemand = onDemand
        self.resync = resync
        self.sweepInterval = sweepInterval
        self.joinTimeout = joinTimeout
        self.providers = providers
    }

    /// Which provider really serves a region.
    package func serving(_ declared: ProviderKind?) -> ProviderKind? {
        rehearsal ? .local : declared.flatMap { providers.contains($0) ? $0 : nil }
    }
}

/// Whether tasks are confined, and in words how or why not.
package struct IsolationWord: Sendable, Hashable {
    package var isConfined: Bool
    package var sentence: String

    package init(isConfined: Bool, sentence: String) {
        self.isConfined = isConfined
        self.sentence = sentence
    }
}

/// What a reconciler wants, with its reasons. Pure data.
package struct Decision<Object: Resource>: Sendable {
    package var status: Object.Status
    /// Whether our finalizer should stand on the object; nil leaves it.
    package var finalizer: Bool?
    package var actions: [Action] = []
    package var events: [EventRecord] = []
    package var next: Next = .awaitChange
    /// What others draw from too, such as the budget of a region: while a commit that draws from it is under way, no
    /// other that does is decided.
    package var drawsFrom: [ObjectKey] = []
    /// What was looked at to be allowed, and is not written: it has to stand when this is committed.
    package var standing: [Standing] = []

    package init(status: Object.Status) { self.status = status }
}

/// One thing to do. Writes of one decision commit together with its status; calls go out only after that commit.
package enum Action: Sendable {
    /// The engine gives uid, creation time and generation.
    case create(NewObject)
    /// Replaces a child's spec.
    case replaceSpec(ObjectKey, NewObject)
    /// Asks for the object's end: removed at once where it has no finalizer, else marked.
    case delete(ObjectKey, reason: String)
    /// The same for a worker that was looked at to be without tasks: nothing of the decision is done where one was
    /// bound to it meanwhile.
    case deleteIdle(ObjectKey, reason: String)
    /// Sets the status of another object that this reconciler is the writer of (the placement round binds tasks).
    case setTaskStatus(ObjectKey, TaskStatus)
    case call(WorkerCall)
    /// Lists what the region's provider holds of ours; without `keepsSupplies` what it keeps for later workers goes.
    case inventory(region: String, keepsSupplies: Bool)
    /// Releases something the inventory showed and no Worker claims, if an uncached read agrees (S4).
    case releaseOrphan(region: String, Observation)
    /// Checks that a declared external answers.
    case probe(endpoint: String)
    /// Logs and outputs beside the object that go with it.
    case removeBlobs(prefix: String)
}

extension Action {
    /// Whether it writes another object.
    var isWrite: Bool {
        switch self {
        case .create, .replaceSpec, .delete, .deleteIdle, .setTaskStatus: true
        case .call, .inventory, .releaseOrphan, .probe, .removeBlobs: false
        }
    }

    /// The object whose end it asks for.
    var ends: ObjectKey? {
        switch self {
        case .delete(let key, _), .deleteIdle(let key, _): key
        default: nil
        }
    }
}

/// A child to be made.
package struct NewObject: Sendable {
    package let key: ObjectKey
    package let tree: @Sendable (ObjectMeta) -> Tree
    package let metadata: ObjectMeta

    package init<Object: Resource>(_ object: Object) where Object: Sendable {
        key = object.key
        metadata = object.metadata
        tree = { metadata in
            var complete = object
            complete.metadata = metadata
            return complete.tree
        }
    }
}

/// A call to the provider of a worker's region.
package struct WorkerCall: Sendable, Hashable {
    package var verb: CallState.Verb
    package var worker: ObjectKey
    package var workerUID: String
    package var region: String
    package var reason: String
    /// On a release: more workers may be asked for there.
    package var keepsSupplies = false

    package init(_ verb: CallState.Verb, _ worker: Worker, reason: String) {
        self.verb = verb
        self.worker = worker.key
        workerUID = worker.metadata.uid
        region = worker.spec.region
        self.reason = reason
    }
}

/// When to look again if nothing changes.
package enum Next: Sendable, Hashable {
    case awaitChange
    case after(Duration)
}

/// A core/v1 Event in the making. Equal ones are counted, not repeated.
package struct EventRecord: Sendable, Hashable {
    package enum Severity: String, Sendable, Hashable { case normal = "Normal", warning = "Warning" }
    package var severity: Severity
    package var reason: Reason
    package var message: String

    package init(_ severity: Severity, _ reason: Reason, _ message: String) {
        self.severity = severity
        self.reason = reason
        self.message = message
    }
}

/// What happened to one object: its state before (nil: it is new); the cache holds the one after.
package struct Change: Sendable {
    package let key: ObjectKey
    package let before: (any Resource)?

    package init(key: ObjectKey, before: (any Resource)?) {
        self.key = key
        self.before = before
    }
}
