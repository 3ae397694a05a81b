import Ports

/// One reader's end of a watch on a `LiveStore`. Cancelling `next`, or letting go of the watch, closes it.
final class LiveWatch: StoreWatchSource {
    private let store: LiveStore
    private let id: UInt64

    init(_ store: LiveStore, id: UInt64) {
        self.store = store
        self.id = id
    }

    deinit { store.end(id) }

    func next() async throws(StoreError) -> [StoreEvent]? {
        if let answer = store.next(id) { return try answer.get() }
        let answer = await withTaskCancellationHandler {
            await withCheckedContinuation { reader in
                // Cancelled before this line, the handler below has run and found nobody waiting.
                if let answer = store.next(id, reader: reader, cancelled: Task.isCancelled) {
                    reader.resume(returning: answer)
                }
            }
        } onCancel: {
            store.end(id)
        }
        return try answer.get()
    }

    func close() { store.end(id) }
}
