package import Engine
package import Gateway
package import Model
package import Ports
package import WorkerProtocol

extension CoordinatorCore {
    /// What can happen to a controller.
    package enum Input: Sendable {
        case tick
        case store([StoreEvent])
        /// A whole uncached list, after a watch broke.
        case relisted(ListResult)
        case refreshed(ObjectKey, StoredObject?, asOf: UInt64)
        case committed(UInt64, Result<CommitReceipt, StoreError>)
        case called(WorkerCall, Result<Observation?, ProviderError>)
        case inventoried(region: String, Result<[Observation], ProviderError>, took: Duration)
        /// A provider's own word of one worker, without having been asked.
        case observed(Observation)
        /// The region's provider tells of changes by itself from now on, or no longer.
        case followed(region: String, Bool, since: Instant)
        case probed(endpoint: String, ExternalState)
        case join(CallID, JoinRequest, token: SecretHash)
        case exchange(CallID, ExchangeRequest, credential: SecretHash)
        case renew(CallID, RenewRequest, credential: SecretHash)
        /// Whether that piece of log may be written.
        case log(CallID, LogChunk, credential: SecretHash)
        /// The connection of a call is gone.
        case abandoned(CallID)
        case stop
    }

    /// What a controller asks for.
    package enum Effect: Sendable {
        case commit(UInt64, Batch)
        case refresh([ObjectKey])
        /// Only if an uncached read still shows the Worker, with that uid and not deleting.
        case create(WorkerCall, WorkerRequest)
        case release(WorkerCall, WorkerRef)
        case observe(WorkerCall, WorkerRef)
        case inventory(region: String, keepsSupplies: Bool)
        /// Only if an uncached read shows no Worker with that uid.
        case releaseOrphan(region: String, WorkerRef)
        case probe(endpoint: String)
        case removeBlobs(prefix: String)
        case reply(CallID, GatewayAnswer)
        /// For the log: something that whoever runs the controller should know.
        case notice(String)
        case stop(reason: String)
    }
}

/// Where workers' secrets come from: keyed hashes of their uids, so that a restarted controller knows them again
/// without storing any.
package struct WorkerSecrets: Sendable {
    package let joinToken: @Sendable (String) -> NewCredential
    package let credential: @Sendable (String) -> NewCredential

    package init(
        joinToken: @escaping @Sendable (String) -> NewCredential,
        credential: @escaping @Sendable (String) -> NewCredential
    ) {
        self.joinToken = joinToken
        self.credential = credential
    }
}
