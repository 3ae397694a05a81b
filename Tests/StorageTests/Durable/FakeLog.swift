import Storage
import Synchronization

/// A disk that keeps its groups in memory, and waits or fails when it is told to.
final class FakeLog: DurableLog {
    /// Stops the next write until it is released.
    final class Gate: Sendable {
        fileprivate let state = Mutex((entered: false, open: false))

        func reached() async { while !state.withLock({ $0.entered }) { await Task.yield() } }
        func release() { state.withLock { $0.open = true } }
    }

    private struct State {
        var groups: [RowGroup] = []
        var calls = 0
        var gate: Gate?
        var failure: DiskFailure?
    }

    private let state = Mutex(State())

    var groups: [RowGroup] { state.withLock { $0.groups } }
    var calls: Int { state.withLock { $0.calls } }

    func hold() -> Gate {
        let gate = Gate()
        state.withLock { $0.gate = gate }
        return gate
    }

    func failNext(_ failure: DiskFailure) { state.withLock { $0.failure = failure } }

    func write(_ group: RowGroup) throws(DiskFailure) {
        if let gate = state.withLock({ $0.gate.take() }) {
            gate.state.withLock { $0.entered = true }
            // The writer's own thread: nobody else waits for it.
            while !gate.state.withLock({ $0.open }) {}
        }
        let failure = state.withLock { state in
            state.calls += 1
            let failure = state.failure.take()
            if failure == nil { state.groups.append(group) }
            return failure
        }
        if let failure { throw failure }
    }

    func maintain() {}
    func close() {}
}
