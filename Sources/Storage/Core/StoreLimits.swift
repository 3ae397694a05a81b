package import Model

/// What one store may hold and keep in flight. Every bound of the store is here.
package struct StoreLimits: Sendable, Hashable {
    /// Bytes of one object as JSON; a larger one is refused with `.tooLarge`.
    package var objectBytes = 1 << 20
    /// JSON bytes of all objects together. What would take more is refused with `.full`.
    package var objectsBytes = 1 << 30
    /// What the objects of one namespace may take, where it sets nothing else; of those without one, the bytes.
    package var quota = NamespaceQuota()
    /// Beyond both, for statuses and deletions: changes of standing objects that add at most `smallBytes`.
    package var reserveBytes = 128 << 20
    package var smallBytes = 16 << 10
    /// Changes kept for watches. A watch that falls further behind ends with `.expired`.
    package var historyEvents = 10_000
    /// Bytes that the changes kept for watches hold, with what stands around each; in memory a tree takes about three
    /// times that.
    package var historyBytes = 32 << 20
    /// Batches that wait to be made durable; one more is refused with `.unavailable`.
    package var waitingBatches = 16_384
    /// JSON bytes of the batches that wait.
    package var waitingBytes = 64 << 20
    /// Batches that share one durable write.
    package var groupBatches = 1_024
    /// JSON bytes that share one durable write; a single larger batch still gets through, alone.
    package var groupBytes = 16 << 20
    /// Bytes of the database file, which `objectsBytes` keep far below it: a batch for which it would have to grow
    /// further is refused.
    package var databaseBytes = 2 << 30

    package init() {}
}
