import CCurl
import Synchronization

/// Where tasks leave commands for the loop. Owns the decision whether there is a loop: it starts with the
/// first exchange, and once stopped it stays stopped. Commands are bounded by the exchanges under way.
final class Mailbox: Sendable {
    enum Command: Sendable {
        case start(Exchange)
        case abort(Exchange)
        case resume(Exchange)
        case stop
    }

    private enum Phase {
        case idle
        /// The multi handle, which other threads may only wake.
        case running(UnsafeMutableRawPointer)
        case stopping
        case stopped
    }

    private struct State {
        var phase = Phase.idle
        var commands: [Command] = []
        /// Exchanges submitted and not yet ended by the loop.
        var live = 0
        var stopWaiters: [CheckedContinuation<Void, Never>] = []
    }

    let settings: HTTPClient.Settings
    private let state = Mutex(State())

    init(_ settings: HTTPClient.Settings) { self.settings = settings }

    // MARK: any thread

    /// Nil when the loop has it.
    func submit(_ exchange: Exchange) -> HTTPError? {
        let host = exchange.prepared.host
        let limit = settings.maxTransfers + settings.maxWaiting
        return state.withLock { state in
            if case .idle = state.phase {
                guard let multi = TransferLoop.start(serving: self) else {
                    return HTTPError(
                        .other(Int(CURLE_FAILED_INIT.rawValue)),
                        "\(host): there is no thread or no memory for transfers; free some and try again"
                    )
                }
                state.phase = .running(multi)
            }
            guard case .running(let multi) = state.phase else { return .closed(host, sent: false) }
            guard state.live < limit else { return .overloaded(host, limit: limit) }
            state.live += 1
            state.commands.append(.start(exchange))
            curl_multi_wakeup(multi)
            return nil
        }
    }

    func post(_ command: Command) {
        state.withLock { state in
            guard case .running(let multi) = state.phase else { return }
            state.commands.append(command)
            curl_multi_wakeup(multi)
        }
    }

    func stop() {
        state.withLock { state in
            switch state.phase {
            case .idle: state.phase = .stopped
            case .running(let multi):
                state.phase = .stopping
                state.commands.append(.stop)
                curl_multi_wakeup(multi)
            case .stopping, .stopped: break
            }
        }
    }

    func stopAndWait() async {
        stop()
        await withCheckedContinuation { continuation in
            let isStopped = state.withLock { state in
                if case .stopped = state.phase { return true }
                state.stopWaiters.append(continuation)
                return false
            }
            if isStopped { continuation.resume() }
        }
    }

    // MARK: the loop's thread

    func take() -> [Command] {
        state.withLock { state in
            defer { state.commands = [] }
            return state.commands
        }
    }

    func exchangeEnded() {
        state.withLock { $0.live -= 1 }
    }

    /// From here on nobody touches the multi handle, and no command is taken: those left are returned.
    func loopEnds() -> [Command] {
        state.withLock { state in
            state.phase = .stopping
            defer { state.commands = [] }
            return state.commands
        }
    }

    func loopEnded() {
        let waiters = state.withLock { state in
            state.phase = .stopped
            defer { state.stopWaiters = [] }
            return state.stopWaiters
        }
        for waiter in waiters { waiter.resume() }
    }
}
