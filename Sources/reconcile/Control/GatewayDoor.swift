import Ports
import Synchronization

/// The addresses besides 127.0.0.1 at which the gateway answers. Providers ask for one; the controller opens it.
final class GatewayDoor: Sendable {
    private enum Standing {
        case opening([CheckedContinuation<Result<String, ProviderError>, Never>])
        case open(url: String)
    }

    private struct State {
        var addresses: [String: Standing] = [:]
        var isClosed = false
    }

    /// Addresses to be opened.
    let requests: AsyncStream<String>
    private let post: AsyncStream<String>.Continuation
    private let state = Mutex(State())

    init() { (requests, post) = AsyncStream.makeStream(of: String.self) }

    /// Waits until the gateway answers there; its URL.
    func open(_ address: String) async throws(ProviderError) -> String {
        let result = await withCheckedContinuation { continuation in
            let now: Result<String, ProviderError>? = state.withLock { state in
                if state.isClosed { return .failure(Self.ending) }
                switch state.addresses[address] {
                case .open(let url): return .success(url)
                case .opening(let waiting): state.addresses[address] = .opening(waiting + [continuation])
                case nil:
                    state.addresses[address] = .opening([continuation])
                    post.yield(address)
                }
                return nil
            }
            if let now { continuation.resume(returning: now) }
        }
        return try result.get()
    }

    private static let ending = ProviderError(.unavailable, "this controller is ending")

    func opened(_ address: String, url: String) { settle(address, .success(url)) }

    /// It may be asked for again.
    func failed(_ address: String, _ error: ProviderError) { settle(address, .failure(error)) }

    /// Nobody opens any more.
    func close() {
        let left = state.withLock { state in
            state.isClosed = true
            return state.addresses.keys.sorted()
        }
        for address in left { failed(address, Self.ending) }
        post.finish()
    }

    private func settle(_ address: String, _ result: Result<String, ProviderError>) {
        let waiting = state.withLock { state in
            defer {
                state.addresses[address] =
                    switch result {
                    case .success(let url): .open(url: url)
                    case .failure: nil
                    }
            }
            if case .opening(let waiting) = state.addresses[address] { return waiting }
            return []
        }
        for continuation in waiting { continuation.resume(returning: result) }
    }
}
