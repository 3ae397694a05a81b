import Synchronization

/// What waits for one reader, in order, who takes all of it at once: so he knows what there is before he begins
/// something that takes long.
final class Inbox<Message: Sendable>: Sendable {
    private struct State {
        var waiting: [Message] = []
        var isOver = false
    }

    private let state = Mutex(State())
    /// Rung whenever something may wait.
    let bell: AsyncStream<Void>
    private let ring: AsyncStream<Void>.Continuation

    init() { (bell, ring) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1)) }

    /// False: nobody takes anything any more.
    @discardableResult
    func put(_ message: Message) -> Bool {
        let isKept = state.withLock { state in
            guard !state.isOver else { return false }
            state.waiting.append(message)
            return true
        }
        if isKept { ring.yield() }
        return isKept
    }

    /// The first of what waits, so many at most; empty: nothing does.
    func take(upTo limit: Int) -> [Message] {
        state.withLock { state in
            guard state.waiting.count > limit else {
                let all = state.waiting
                state.waiting = []
                return all
            }
            let first = Array(state.waiting.prefix(limit))
            state.waiting.removeFirst(limit)
            return first
        }
    }

    /// From now on nothing is taken; what still waited.
    func close() -> [Message] {
        ring.finish()
        return state.withLock { state in
            state.isOver = true
            let left = state.waiting
            state.waiting = []
            return left
        }
    }
}
