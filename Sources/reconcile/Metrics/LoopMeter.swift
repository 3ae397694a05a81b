import Engine
import Model
import Ports
import Synchronization
import WorkerProtocol

/// What the control loop and the gateway before it did, and how long it took: counted where it happens, read by a
/// scrape.
final class LoopMeter: Sendable {
    struct Decisions: Sendable {
        var done = 0
        /// Of those, such as are due again after some time.
        var comeAgain = 0
        var seconds = Histogram()
    }

    struct Calls: Sendable {
        /// By how they ended: `success`, or the class of the error.
        var results: [String: Int] = [:]
        var seconds = Histogram()
    }

    struct Measured: Sendable {
        /// By kind; nil: placement rounds.
        var decisions: [Kind?: Decisions] = [:]
        /// One input of the loop, with all that was decided for it.
        var steps = Histogram()
        var calls: [Verb: Calls] = [:]
        /// Requests of agents by route and status.
        var requests: [GatewayRoute: [Int: Int]] = [:]
    }

    /// What is asked of providers.
    enum Verb: String, Sendable, CaseIterable { case create, release, observe, inventory, releaseOrphan }

    private let state = Mutex(Measured())

    var measured: Measured { state.withLock { $0 } }

    /// Nanoseconds since some beginning.
    static var now: Int64 {
        let passed = ContinuousClock.now - start
        return passed.components.seconds * 1_000_000_000 + passed.components.attoseconds / 1_000_000_000
    }
    private static let start = ContinuousClock.now

    var stopwatch: Stopwatch {
        Stopwatch(now: { Self.now }) { [self] kind, began, comesAgain in
            let took = Self.now - began
            state.withLock { state in
                state.decisions[kind, default: Decisions()].done += 1
                if comesAgain { state.decisions[kind]?.comeAgain += 1 }
                state.decisions[kind]?.seconds.add(nanoseconds: took)
            }
        }
    }

    func step(since began: Int64) {
        let took = Self.now - began
        state.withLock { $0.steps.add(nanoseconds: took) }
    }

    /// Whatever a provider was asked for, with how it answered.
    func call<Answer>(
        _ verb: Verb, _ body: () async throws(ProviderError) -> Answer
    ) async -> Result<Answer, ProviderError> {
        let began = Self.now
        let result: Result<Answer, ProviderError>
        do throws(ProviderError) { result = .success(try await body()) } catch { result = .failure(error) }
        let took = Self.now - began
        let word = if case .failure(let error) = result { error.code.rawValue } else { "success" }
        state.withLock { state in
            state.calls[verb, default: Calls()].results[word, default: 0] += 1
            state.calls[verb]?.seconds.add(nanoseconds: took)
        }
        return result
    }

    func request(_ route: GatewayRoute, _ status: Int) {
        state.withLock { $0.requests[route, default: [:]][status, default: 0] += 1 }
    }
}
