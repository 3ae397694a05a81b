import Ports

/// The contract of `WorkerProvider`, as cases that every adapter runs against its own world:
///
///     @Test(arguments: ProviderConformance.cases)
///     func conforms(_ law: ProviderConformance) async throws { try await law.check(MyWorld()) }
package struct ProviderConformance: Sendable, CustomStringConvertible {
    package let description: String
    private let body: @Sendable (any ProviderWorld) async throws -> Void

    init(_ description: String, _ body: @escaping @Sendable (any ProviderWorld) async throws -> Void) {
        self.description = description
        self.body = body
    }

    /// Throws `ConformanceFailure`, or what the provider threw.
    package func check(_ world: any ProviderWorld) async throws { try await body(world) }

    package static let cases: [ProviderConformance] = creating + releasing + finding + doubting + sharing
}

/// Creates, or is refused with one of these codes.
func create(_ request: WorkerRequest, _ provider: any WorkerProvider, orHear codes: [ProviderError.Code]) async throws {
    do {
        try await provider.create(request)
    } catch {
        guard codes.contains(error.code) else { throw error }
    }
}

/// What it has yet to wait for itself it says, with when to ask again: so do controllers.
func ask(_ provider: any WorkerProvider, toRelease ref: WorkerRef) async throws {
    do { try await provider.release(ref) } catch {
        guard error.retryAfter != nil else { throw error }
    }
}

extension ProviderWorld {
    func awaitAlive(_ uid: String, _ count: Int, _ law: String) async throws {
        try await until(law, within: patience) { try await alive(uid: uid) == count }
    }

    /// Asks for the end, again and again as the engine does, until the provider says that it is gone.
    func releaseUntilGone(_ provider: any WorkerProvider, _ ref: WorkerRef) async throws {
        try await until("a released worker is gone", within: patience) {
            try await ask(provider, toRelease: ref)
            return try await provider.observe(ref).state.isGone
        }
        try require(try await alive(uid: ref.workerUID), is: 0, "what is reported gone does not live")
    }
}

extension Observation.State {
    var isGone: Bool {
        switch self {
        case .absent, .exited: true
        case .starting, .running, .stopping: false
        }
    }
}
