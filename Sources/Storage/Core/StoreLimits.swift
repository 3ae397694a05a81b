/// What one store may hold and keep in flight. Every bound of the store is here.
package struct StoreLimits: Sendable, Hashable {
    /// Bytes of one object as JSON; a larger one is refused with `.tooLarge`.
    package var objectBytes = 1 << 20
    /// Changes kept for watches. A watch that falls further behind ends with `.expired`.
    package var historyEvents = 10_000
    /// JSON bytes of the changes kept for watches; in memory a tree takes about three times that.
    package var historyBytes = 32 << 20
    /// Batches that wait to be made durable; one more is refused with `.unavailable`.
    package var waitingBatches = 16_384
    /// JSON bytes of the batches that wait.
    package var waitingBytes = 64 << 20
    /// Batches that share one durable write.
    package var groupBatches = 1_024
    /// JSON bytes that share one durable write; a single larger batch still gets through, alone.
    package var groupBytes = 16 << 20
    /// Bytes of the database file; a batch for which it would have to grow further is refused like one on a
    /// full disk.
    package var databaseBytes = 2 << 30

    package init() {}
}
