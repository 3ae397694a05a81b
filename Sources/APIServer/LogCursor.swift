import Model
import Ports
import Synchronization
import Tree

/// Reads a log from its beginning; following it ends when the attempt has ended and everything was read.
final class LogCursor: Sendable {
    private let name: String
    private let key: ObjectKey
    private let attempt: Int
    private let follow: Bool
    private let store: any ResourceStore
    private let blobs: any BlobStore
    private let clock: any Clock
    private let position = Mutex<(offset: Int, closed: Bool)>((0, false))

    private static let piece = 64 << 10
    private static let pause = Duration.milliseconds(200)

    init(
        name: String, key: ObjectKey, attempt: Int, follow: Bool, store: any ResourceStore, blobs: any BlobStore,
        clock: any Clock
    ) {
        self.name = name
        self.key = key
        self.attempt = attempt
        self.follow = follow
        self.store = store
        self.blobs = blobs
        self.clock = clock
    }

    func next() async -> [UInt8]? {
        while !Task.isCancelled {
            let (offset, closed) = position.withLock { $0 }
            if closed { return nil }
            // Asked before reading: what is read after the end was seen is complete.
            let ended = await hasEnded()
            if let part = try? await blobs.read(name, from: offset, limit: Self.piece), !part.bytes.isEmpty {
                position.withLock { $0.offset += part.bytes.count }
                return part.bytes
            }
            if ended || !follow { return nil }
            await clock.sleep(until: clock.now.instant + Self.pause)
        }
        return nil
    }

    func close() { position.withLock { $0.closed = true } }

    /// An attempt's last piece may come a little after its end was reported.
    private static let afterglow = Duration.seconds(2)

    private func hasEnded() async -> Bool {
        guard let stored = try? await store.get(key), let task = try? WorkTask(tree: stored.tree) else { return true }
        let status = task.status
        guard status.attempt > attempt || !status.phase.isBound, status.attempt > 0 || status.phase.isTerminal else {
            return false
        }
        let end = status.attempts.first { $0.attempt == attempt }?.finishedAt ?? status.finishedAt
        return end.map { clock.now.wall - $0 > Self.afterglow } ?? true
    }
}
