package import Model

/// What to create for one attempt of one slot. The name of whatever is created follows from `workerUID` alone, so that
/// asking again creates nothing more.
package struct WorkerRequest: Sendable, Equatable {
    package var key: ObjectKey
    package var workerUID: String
    package var region: String
    package var pool: String
    package var slot: Int
    package var attempt: Int
    package var epoch: UInt64
    package var clusterID: String
    package var spec: WorkerSpec
    /// How its region has local workers kept apart.
    package var local: LocalRegion
    /// The single-use, slot-bound token with which the agent joins; at most ten minutes valid (S14).
    package var joinToken: String
    package init(
        key: ObjectKey, workerUID: String, region: String, pool: String, slot: Int, attempt: Int, epoch: UInt64,
        clusterID: String, spec: WorkerSpec, local: LocalRegion = LocalRegion(), joinToken: String
    ) {
        self.key = key
        self.workerUID = workerUID
        self.region = region
        self.pool = pool
        self.slot = slot
        self.attempt = attempt
        self.epoch = epoch
        self.clusterID = clusterID
        self.spec = spec
        self.local = local
        self.joinToken = joinToken
    }
}

/// Which external resource, as far as a Worker object knows it.
package struct WorkerRef: Sendable, Hashable {
    package var workerUID: String
    package var region: String
    package var pool: String
    package var slot: Int
    package var attempt: Int
    package var providerID: String?
    /// On a release: more workers may be asked for here, so what they will need, such as their program, is kept.
    package var keepsSupplies = false
    package init(workerUID: String, region: String, pool: String, slot: Int, attempt: Int, providerID: String?) {
        self.workerUID = workerUID
        self.region = region
        self.pool = pool
        self.slot = slot
        self.attempt = attempt
        self.providerID = providerID
    }
}

/// What a provider sees of one worker. Absence is a value.
package struct Observation: Sendable, Hashable {
    package enum State: Sendable, Hashable {
        /// Nothing with that name or tag exists, and a create of that attempt has not been seen.
        case absent
        case starting
        case running
        case stopping
        /// Ended, with proof: exit code where the provider knows one.
        case exited(code: Int?, signal: Int?)
    }
    package var workerUID: String
    package var clusterID: String
    package var slot: Int
    package var attempt: Int
    package var state: State
    package var providerID: String?
    package var address: String?
    /// When the provider says it was created, wall clock.
    package var createdAt: Timestamp?
    /// Of one that has ended: its last sign of life, as the provider has it. Nobody may have listened then.
    package var lastSeen: Timestamp?
    /// What the provider knows of the cause of an end, and what to do about it, as a clause.
    package var explanation: String?
    /// What keeps its tasks from the machine's other files and processes, as a clause.
    package var isolation: String?
    package init(
        workerUID: String, clusterID: String, slot: Int, attempt: Int, state: State, providerID: String? = nil,
        address: String? = nil, createdAt: Timestamp? = nil, explanation: String? = nil,
        isolation: String? = nil
    ) {
        self.workerUID = workerUID
        self.clusterID = clusterID
        self.slot = slot
        self.attempt = attempt
        self.state = state
        self.providerID = providerID
        self.address = address
        self.createdAt = createdAt
        self.explanation = explanation
        self.isolation = isolation
    }
}

package struct ProviderError: Error, Sendable, Hashable, CustomStringConvertible {
    package enum Code: String, Sendable, Hashable, CaseIterable {
        case notFound, conflict, throttled, capacity, quota, unauthorised, invalid, unavailable
        /// The call may have been applied. Never a failure: ask again under the same name.
        case unknownOutcome
    }
    package let code: Code
    package let message: String
    /// Where the provider says when to come back.
    package let retryAfter: Duration?

    package init(_ code: Code, _ message: String, retryAfter: Duration? = nil) {
        self.code = code
        self.message = message
        self.retryAfter = retryAfter
    }
    package var description: String { message }
}

/// Makes workers in one region. Every verb is idempotent; none waits for convergence.
///
/// Guarantees: `create` for the same uid and attempt makes at most one resource alive (S1), however often and in
/// whatever order replies are lost; once `release` of an attempt was accepted a late `create` of it makes nothing, or
/// is found by `inventory`. Cancelling a call leaves its outcome unknown.
package protocol WorkerProvider: Sendable {
    func create(_ request: WorkerRequest) async throws(ProviderError)
    /// Asks for the end of the worker; not found means done.
    func release(_ worker: WorkerRef) async throws(ProviderError)
    func observe(_ worker: WorkerRef) async throws(ProviderError) -> Observation
    /// Everything of that cluster id here, live or ended and not yet cleaned away: finds orphans after a crash. Where
    /// nothing is and `keepsSupplies` is false, what is kept for later workers, such as their program, goes too.
    func inventory(clusterID: String, keepsSupplies: Bool) async throws(ProviderError) -> [Observation]
    /// Tells of changes (an exit, an engine event) as they happen; what changed, `inventory` tells. Returns when it is
    /// cancelled, or when it can tell no more.
    func follow(_ tell: @escaping @Sendable (ProviderNews) -> Void) async
}

extension WorkerProvider {
    /// For whoever wants no more workers.
    package func inventory(clusterID: String) async throws(ProviderError) -> [Observation] {
        try await inventory(clusterID: clusterID, keepsSupplies: false)
    }
}

/// What a provider says without being asked.
package enum ProviderNews: Sendable, Hashable {
    /// From here on every change is told: what an inventory shows now holds until the next word.
    case following
    case changed
    /// This worker is so, whatever a list says that was begun before: an end, as a rule, with its reason.
    case observed(Observation)
}
