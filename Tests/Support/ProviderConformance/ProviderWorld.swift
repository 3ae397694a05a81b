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

    // MARK: What an administrator, a slow engine or a copied state does

    /// Asks what lives under that uid to end, as whoever runs the machine would, and not the provider.
    func stop(uid: String) async throws
    /// A provider whose lists stay as they are while they are held.
    func makeHeld() async throws -> HeldLists
    /// Gives what lives under that uid another name. False: nothing here has a name that can be changed.
    func rename(uid: String) async throws -> Bool
    /// Makes a second one with the same marks, under another name. False: what makes a worker here can't be copied.
    func copy(uid: String) async throws -> Bool
    /// Puts somebody else's under the very name that this worker is made under. The answer tells whether it is still as
    /// it was. Nil: names here are nobody else's to take.
    func occupy(_ request: WorkerRequest) async throws -> (@Sendable () async throws -> Bool)?
    /// A controller over a copy of this one's state, as it was before the living one began to lead.
    func makeCopy() async throws -> any WorkerProvider
    /// A provider whose workers don't heed when they are asked to end.
    func makeDeaf() async throws -> any WorkerProvider
    /// What is kept for later workers; nil where workers need nothing of the kind.
    func supplies() async throws -> Int?
}

/// A provider and the latch of its lists: `hold(true)` keeps what they show from then on.
package struct HeldLists: Sendable {
    package let provider: any WorkerProvider
    package let hold: @Sendable (Bool) async throws -> Void

    package init(_ provider: any WorkerProvider, hold: @escaping @Sendable (Bool) async throws -> Void) {
        self.provider = provider
        self.hold = hold
    }
}

extension ProviderWorld {
    package func ref(_ request: WorkerRequest, providerID: String? = nil) -> WorkerRef {
        WorkerRef(
            workerUID: request.workerUID, region: request.region, pool: request.pool, slot: request.slot,
            attempt: request.attempt, providerID: providerID)
    }
}
