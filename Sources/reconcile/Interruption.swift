import Host
import Kernel
import Synchronization

/// SIGINT and SIGTERM: the first cancels what runs, the second ends the process at once.
final class Interruption: Sendable {
    private let source: SignalSource
    private let received = Mutex<SignalSource.Signal?>(nil)

    init(watcher: Watcher) throws { source = try SignalSource([.terminate, .interrupt], watcher: watcher) }

    /// 130 or 143 once a signal came, as shells say it.
    var exitCode: Int32? {
        switch received.withLock({ $0 }) {
        case .interrupt: 130
        case .terminate: 143
        default: nil
        }
    }

    /// Runs the body; cancelled by the first signal, it may still return what it has. Nil where it was cancelled and
    /// threw.
    func run<Value: Sendable>(_ body: @escaping @Sendable () async throws -> Value) async throws -> Value? {
        let work = Task { try await body() }
        let listener = Task {
            for await signal in source.signals {
                let isFirst = received.withLock { held in
                    defer { held = held ?? signal }
                    return held == nil
                }
                guard isFirst else { SystemExit.now(exitCode ?? 130) }
                work.cancel()
            }
        }
        defer { listener.cancel() }
        do { return try await work.value } catch {
            guard exitCode != nil else { throw error }
            return nil
        }
    }
}
