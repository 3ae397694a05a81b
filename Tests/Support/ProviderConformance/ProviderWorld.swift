package import Ports

/// What the suite needs to know of the world behind a provider. One world serves one case; every `makeProvider` is a
/// controller that has just been started over what is already there.
package protocol ProviderWorld: Sendable {
    var clusterID: String { get }
    /// Whether a create after an accepted release makes nothing at all. Otherwise it must be found by the inventory.
    var keepsTombstones: Bool { get }
    /// How long a change takes to show, at the most.
    var patience: Duration { get }
    /// How long to look before it is believed that nothing happens.
    var settling: Duration { get }

    func makeProvider() async throws -> any WorkerProvider
    func request(uid: String) -> WorkerRequest
    /// How many resources live under that uid, counted behind the provider's back.
    func alive(uid: String) async throws -> Int
    /// Ends what lives under that uid without asking the provider.
    func kill(uid: String) async throws
    /// Puts something beside ours that isn't ours, of another cluster as far as the world has such a mark. The answer
    /// tells whether it is still as it was.
    func plantForeign() async throws -> @Sendable () async throws -> Bool
}

extension ProviderWorld {
    package func ref(_ request: WorkerRequest, providerID: String? = nil) -> WorkerRef {
        WorkerRef(
            workerUID: request.workerUID, region: request.region, pool: request.pool, slot: request.slot,
            attempt: request.attempt, providerID: providerID)
    }
}
