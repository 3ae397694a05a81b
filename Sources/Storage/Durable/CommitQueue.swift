import Ports

/// What waits to be made durable, in order, bounded in number and bytes; handed out in groups that share one write.
struct CommitQueue: Sendable {
    enum Work: Sendable {
        /// With the JSON of each write, empty for a removal.
        case batch(Batch, json: [[UInt8]])
        case claimEpoch
    }

    enum Done: Sendable {
        case batch(CommitReceipt)
        case epoch(UInt64)
    }

    struct Item: Sendable {
        let work: Work
        let bytes: Int
        let reply: CheckedContinuation<Result<Done, StoreError>, Never>
    }

    enum Admission {
        /// The writer is idle: start it.
        case start
        case waits
        case refused(StoreError)
    }

    private let limits: StoreLimits
    private var waiting: [Item] = []
    private var bytes = 0
    private var writing = false
    private var closed: StoreError?

    init(limits: StoreLimits) { self.limits = limits }

    var count: Int { waiting.count }

    mutating func add(_ item: Item) -> Admission {
        if let closed { return .refused(closed) }
        if waiting.count >= limits.waitingBatches || bytes + item.bytes > max(limits.waitingBytes, item.bytes) {
            return .refused(
                StoreError(
                    .unavailable(unknownOutcome: false),
                    "the store has \(waiting.count) batches of \(bytes) bytes waiting for the disk: try again later"))
        }
        waiting.append(item)
        bytes += item.bytes
        if writing { return .waits }
        writing = true
        return .start
    }

    /// The next group; nil means that nothing waits and the writer goes idle.
    mutating func next() -> [Item]? {
        var size = 0
        let group = waiting.prefix { item in
            size += item.bytes
            return size <= limits.groupBytes
        }.prefix(limits.groupBatches)
        let count = max(group.count, min(1, waiting.count))
        if count == 0 {
            writing = false
            return nil
        }
        let items = Array(waiting.prefix(count))
        waiting.removeFirst(count)
        bytes -= items.reduce(0) { $0 + $1.bytes }
        return items
    }

    /// Refuses everything from now on with that error; what waits is still handed out by `next`.
    mutating func close(_ error: StoreError) { closed = closed ?? error }

    /// Everything that waits, taken out.
    mutating func empty() -> [Item] {
        defer {
            waiting = []
            bytes = 0
        }
        return waiting
    }
}
