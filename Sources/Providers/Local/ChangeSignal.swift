import Synchronization

/// "Something has changed", kept until somebody waits for it: a change between two waits is not lost. Meant for one
/// waiter; several are all woken.
final class ChangeSignal: Sendable {
    private struct State {
        var isPending = false
        var lastWaiter: UInt64 = 0
        var waiters: [UInt64: CheckedContinuation<Void, Never>] = [:]
    }

    private let state = Mutex(State())

    func notify() {
        let waiters = state.withLock { state in
            state.isPending = state.waiters.isEmpty
            defer { state.waiters = [:] }
            return state.waiters
        }
        for waiter in waiters.values { waiter.resume() }
    }

    /// Returns at a change, after `limit`, or when cancelled.
    func wait(limit: Duration) async {
        await withTaskGroup(of: Void.self) { group in
            // try?: cancelled, it returns, as it says.
            group.addTask { try? await Task.sleep(for: limit, clock: .continuous) }
            group.addTask { await self.wait() }
            await group.next()
            group.cancelAll()
        }
    }

    private func wait() async {
        let number = state.withLock { state in
            state.lastWaiter += 1
            return state.lastWaiter
        }
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isOver = state.withLock { state in
                    if state.isPending || Task.isCancelled {
                        state.isPending = false
                        return true
                    }
                    state.waiters[number] = continuation
                    return false
                }
                if isOver { continuation.resume() }
            }
        } onCancel: {
            state.withLock { $0.waiters.removeValue(forKey: number) }?.resume()
        }
    }
}
