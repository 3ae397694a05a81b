package import Model
package import Ports
import Synchronization

/// A `StoreCore` that many read and watch at once, behind one lock. Whoever writes decides when a state
/// becomes visible: the memory store at once, the SQLite store when it is durable.
///
/// Readers take a copy of the core and leave the lock. A reader that waits in `next` is handed its events by
/// the writer; one that does not wait costs the writer nothing.
package final class LiveStore: Sendable {
    /// Events handed over at once.
    static let pull = 256

    private struct Watch {
        let id: UInt64
        var state: WatchState
        var waiting: CheckedContinuation<Answer, Never>?
    }

    private struct State {
        var core: StoreCore
        /// In order of their ids.
        var watches: [Watch] = []
        var lastID: UInt64 = 0
        /// Set once: why the store answers no more.
        var closed: StoreError?
    }

    typealias Answer = Result<[StoreEvent]?, StoreError>
    private typealias Delivery = (reader: CheckedContinuation<Answer, Never>, answer: Answer)

    private let state: Mutex<State>

    package init(_ core: StoreCore) {
        state = Mutex(State(core: core))
    }

    /// The visible state.
    package func core() throws(StoreError) -> StoreCore {
        try state.withLock { state throws(StoreError) in
            if let closed = state.closed { throw closed }
            return state.core
        }
    }

    package func get(_ key: ObjectKey) throws(StoreError) -> StoredObject? {
        try state.withLock { state throws(StoreError) in
            if let closed = state.closed { throw closed }
            return state.core.get(key)
        }
    }

    package func list(_ query: StoreQuery) throws(StoreError) -> ListResult {
        let core = try core()
        guard let version = query.version else { return core.list(query) }
        return try core.list(query, at: version)
    }

    /// Changes the state in place and tells the watches; a change that throws must have changed nothing.
    package func change<Value: Sendable>(
        _ change: (inout StoreCore) throws(StoreError) -> Value
    ) throws(StoreError) -> Value {
        let (value, deliveries) = try state.withLock { state throws(StoreError) in
            if let closed = state.closed { throw closed }
            let value = try change(&state.core)
            return (value, LiveStore.deliveries(&state))
        }
        for delivery in deliveries { delivery.reader.resume(returning: delivery.answer) }
        return value
    }

    /// Ends everything: each later call, and each watch, throws `error`.
    package func close(_ error: StoreError) {
        let readers = state.withLock { state in
            if state.closed == nil { state.closed = error }
            let readers = state.watches.compactMap(\.waiting)
            state.watches = []
            return readers
        }
        for reader in readers { reader.resume(returning: .failure(error)) }
    }

    // MARK: watches

    package func watch(_ query: StoreQuery, from version: UInt64?) throws(StoreError) -> StoreWatch {
        let id = try state.withLock { state throws(StoreError) in
            if let closed = state.closed { throw closed }
            let watch = try state.core.watch(query, from: version)
            state.lastID += 1
            state.watches.append(Watch(id: state.lastID, state: watch))
            return state.lastID
        }
        return StoreWatch(LiveWatch(self, id: id))
    }

    /// The answer if there is one already, or nil after `reader` was left waiting for it.
    func next(_ id: UInt64, reader: CheckedContinuation<Answer, Never>? = nil, cancelled: Bool = false) -> Answer? {
        state.withLock { state in
            if let closed = state.closed { return .failure(closed) }
            guard let index = state.watches.firstIndex(where: { $0.id == id }) else { return .success(nil) }
            if cancelled {
                state.watches.remove(at: index)
                return .success(nil)
            }
            precondition(state.watches[index].waiting == nil, "a watch has one reader at a time")
            let answer = LiveStore.pull(&state, index)
            if answer == nil { state.watches[index].waiting = reader }
            return answer
        }
    }

    func end(_ id: UInt64) {
        let reader = state.withLock { state in
            state.watches.firstIndex { $0.id == id }.map { state.watches.remove(at: $0) }?.waiting
        }
        reader?.resume(returning: .success(nil))
    }

    /// What the waiting readers are given after a change. Those it does not concern have their position moved
    /// on, so that a quiet watch never expires.
    private static func deliveries(_ state: inout State) -> [Delivery] {
        var deliveries: [Delivery] = []
        for index in state.watches.indices {
            guard let reader = state.watches[index].waiting, let answer = pull(&state, index) else { continue }
            state.watches[index].waiting = nil
            deliveries.append((reader, answer))
        }
        return deliveries
    }

    private static func pull(_ state: inout State, _ index: Int) -> Answer? {
        do throws(StoreError) {
            let events = try state.watches[index].state.pull(from: state.core, limit: pull)
            return events.isEmpty ? nil : .success(events)
        } catch {
            return .failure(error)
        }
    }
}
