import Model
import Ports
import Synchronization
import Tree

/// Reads a log from its beginning; following it ends when the attempt has ended and everything was read. Where no
/// attempt was asked for, following goes on with the next one until the task has ended.
final class LogCursor: Sendable {
    private let uid: String
    private let key: ObjectKey
    private let onlyAttempt: Bool
    private let follow: Bool
    private let store: any ResourceStore
    private let blobs: any BlobStore
    private let clock: any Clock
    private let position: Mutex<Position>

    private struct Position: Sendable {
        var attempt: Int
        var offset = 0
        /// Reads that failed one after another.
        var failures = 0
        var closed = false
    }

    private static let piece = 64 << 10
    private static let pause = Duration.milliseconds(200)
    /// After so many failed reads, half a minute of them, the log is given up.
    private static let patience = 150

    init(
        uid: String, key: ObjectKey, attempt: Int, onlyAttempt: Bool, offset: Int, follow: Bool,
        store: any ResourceStore,
        blobs: any BlobStore, clock: any Clock
    ) {
        self.uid = uid
        self.key = key
        self.onlyAttempt = onlyAttempt
        position = Mutex(Position(attempt: attempt, offset: offset))
        self.follow = follow
        self.store = store
        self.blobs = blobs
        self.clock = clock
    }

    func next() async -> [UInt8]? {
        while !Task.isCancelled {
            let place = position.withLock { $0 }
            if place.closed { return nil }
            let stage: Stage
            do {
                // Asked before reading: what is read after the end was seen is complete.
                stage = try await self.stage(of: place.attempt)
                let name = "tasks/\(uid)/\(place.attempt).log"
                let bytes = try await blobs.read(name, from: place.offset, limit: Self.piece)?.bytes ?? []
                let offset = place.offset + bytes.count
                position.withLock { ($0.offset, $0.failures) = (offset, 0) }
                if !bytes.isEmpty { return bytes }
            } catch {
                // A read that failed says nothing about the end of the log.
                if let last = await failed(error) { return last }
                continue
            }
            if !follow || stage == .last { return nil }
            if stage == .ended {
                guard !onlyAttempt else { return nil }
                position.withLock { $0 = Position(attempt: $0.attempt + 1, closed: $0.closed) }
                continue
            }
            await clock.sleep(until: clock.now.instant + Self.pause)
        }
        return nil
    }

    /// Waits before the next try; the last words of a log that can't be read for too long.
    private func failed(_ error: any Error) async -> [UInt8]? {
        let isOver = position.withLock { place in
            place.failures += 1
            if place.failures >= Self.patience { place.closed = true }
            return place.closed
        }
        guard !isOver else { return Array("\n[the log can't be read: \(error)]\n".utf8) }
        await clock.sleep(until: clock.now.instant + Self.pause)
        return nil
    }

    func close() { position.withLock { $0.closed = true } }

    /// An attempt's last piece may come a little after its end was reported.
    private static let afterglow = Duration.seconds(2)

    private enum Stage {
        /// More may be written, or it has not begun.
        case open
        /// Nothing more is written to it, but the task goes on.
        case ended
        /// Nothing more is written, and no attempt follows.
        case last
    }

    private func stage(of attempt: Int) async throws(StoreError) -> Stage {
        // try?: of a task that can't be read nothing more will come; asking for it says why.
        guard let stored = try await store.get(key), let task = try? WorkTask(tree: stored.tree) else { return .last }
        let status = task.status
        let isOver = status.phase.isTerminal
        if isOver, status.attempt < attempt { return .last }
        guard status.attempt > attempt || (status.attempt == attempt && !status.phase.isBound && attempt > 0) else {
            return isOver ? .last : .open
        }
        let end = status.attempts.first { $0.attempt == attempt }?.finishedAt ?? status.finishedAt
        guard end.map({ clock.now.wall - $0 > Self.afterglow }) ?? true else { return .open }
        return isOver && status.attempt == attempt ? .last : .ended
    }
}
