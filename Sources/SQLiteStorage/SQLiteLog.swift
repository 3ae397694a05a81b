import GRDB
import Kernel
import Model
import Storage
import Synchronization

/// The durable log in one SQLite file: write-ahead logging with `synchronous=FULL`, so that a commit is one
/// append and one fdatasync, through one connection that holds the file exclusively.
///
/// Checkpoints are asked for here and never left to SQLite: its automatic ones, the one at closing included,
/// swallow failures of fsync, after which a later success proves nothing.
final class SQLiteLog: DurableLog {
    /// Written since the last checkpoint, about, before the next is made.
    private static let checkpointBytes = 16 << 20
    private static let pageBytes = 4_096

    private let path: String
    private let limit: Int
    private let database: DatabaseQueue
    /// Bytes that the write-ahead log has grown by since the last checkpoint, at most.
    private let grown = Mutex(0)

    init(_ path: String, limits: StoreLimits) throws(StoreOpenError) {
        self.path = path
        limit = limits.databaseBytes
        var configuration = StateFile.configuration()
        configuration.prepareDatabase { db in
            // Before anything else: an exclusive connection needs no shared memory file.
            try db.execute(sql: "PRAGMA locking_mode = EXCLUSIVE")
            let mode = try String.fetchOne(db, sql: "PRAGMA journal_mode = WAL")
            guard mode == "wal" else {
                throw DatabaseError(
                    resultCode: .SQLITE_CANTOPEN, message: "no write-ahead log here, but “\(mode ?? "")”")
            }
            try db.execute(
                sql: """
                    PRAGMA synchronous = FULL;
                    PRAGMA wal_autocheckpoint = 0;
                    PRAGMA cache_size = -2000;
                    PRAGMA journal_size_limit = 67108864;
                    PRAGMA max_page_count = \(limits.databaseBytes / SQLiteLog.pageBytes)
                    """)
        }
        do {
            // What the reading connection left; nothing here uses it.
            try Files.remove(path + "-shm")
            database = try DatabaseQueue(path: path, configuration: configuration)
        } catch {
            throw StateFile.failure(path, error)
        }
        // Begin with a short log, whatever the last process left; on a full disk, with the long one.
        do throws(DiskFailure) {
            try checkpoint(.passive)
        } catch {
            if case .broken(let message) = error { throw StateFile.unreadable(path, message) }
        }
    }

    func write(_ group: RowGroup) throws(DiskFailure) {
        var bytes = 2 * SQLiteLog.pageBytes
        for row in group.rows {
            if case .put(_, _, _, let json) = row { bytes += json.count }
            bytes += 2 * SQLiteLog.pageBytes
        }
        do {
            try database.writeWithoutTransaction { db in
                try db.inTransaction(.immediate) {
                    try SQLiteLog.write(group, db)
                    return .commit
                }
            }
        } catch {
            let failure = failure(error)
            // Room may be found by emptying the log into the file.
            if case .full = failure { grown.withLock { $0 = SQLiteLog.checkpointBytes } }
            throw failure
        }
        grown.withLock { $0 += bytes }
    }

    func maintain() throws(DiskFailure) {
        guard grown.withLock({ $0 >= SQLiteLog.checkpointBytes }) else { return }
        grown.withLock { $0 = 0 }
        do throws(DiskFailure) {
            try checkpoint(.passive)
        } catch {
            // A full disk: everything is still in the log, the next checkpoint will move it.
            if case .broken = error { throw error }
        }
    }

    func close() throws(DiskFailure) {
        do throws(DiskFailure) { try checkpoint(.truncate) } catch { if case .broken = error { throw error } }
        do { try database.close() } catch { throw failure(error) }
    }

    private func checkpoint(_ mode: Database.CheckpointMode) throws(DiskFailure) {
        do { _ = try database.writeWithoutTransaction { db in try db.checkpoint(mode) } } catch { throw failure(error) }
    }

    private func failure(_ error: any Error) -> DiskFailure {
        guard let error = error as? DatabaseError else { return .broken("\(path): \(error)") }
        if error.resultCode == .SQLITE_FULL { return .full(isAtLimit ? limitReached : diskFull) }
        return .broken("\(path): \(error.message ?? "") (SQLite \(error.extendedResultCode.rawValue))")
    }

    private var diskFull: String { "the disk that holds \(path) is full; free some space" }

    private var limitReached: String {
        "\(path) has reached its limit of \(limit >> 20) MiB; delete what is no longer needed"
    }

    /// SQLite says the same of a full disk and of a file that may not grow.
    private var isAtLimit: Bool {
        // try?: it is asked in order to word an error, which stands either way.
        let pages = try? database.writeWithoutTransaction { db in
            (
                try Int.fetchOne(db, sql: "PRAGMA page_count") ?? 0,
                try Int.fetchOne(db, sql: "PRAGMA freelist_count") ?? 0
            )
        }
        guard let (count, free) = pages else { return false }
        return free == 0 && count >= limit / Self.pageBytes - 1
    }

    private static func write(_ group: RowGroup, _ db: Database) throws {
        let put = try db.cachedStatement(
            sql: """
                INSERT INTO objects (kind, namespace, name, uid, version, json) VALUES (?, ?, ?, ?, ?, ?)
                ON CONFLICT (kind, namespace, name)
                DO UPDATE SET uid = excluded.uid, version = excluded.version, json = excluded.json
                """)
        let remove = try db.cachedStatement(sql: "DELETE FROM objects WHERE kind = ? AND namespace = ? AND name = ?")
        for row in group.rows {
            switch row {
            case .put(let key, let uid, let version, let json):
                let text = String(decoding: json, as: UTF8.self)
                try put.execute(arguments: [key.kind.rawValue, key.namespace, key.name, uid, Int64(version), text])
            case .remove(let key):
                try remove.execute(arguments: [key.kind.rawValue, key.namespace, key.name])
            }
        }
        let counters = try db.cachedStatement(sql: "UPDATE state SET version = ?, epoch = ? WHERE id = 1")
        try counters.execute(arguments: [Int64(group.version), Int64(group.epoch)])
    }
}
