import GRDB
import Kernel
import Model
import Ports
import Storage
import Tree

/// The file of the embedded store: how it is recognised, made and read. None of it changes a file that it refuses.
enum StateFile {
    /// “Reco”, in the header of every file of ours (`PRAGMA application_id`).
    static let applicationID: Int32 = 0x5265_636F
    /// Rises with every change that an older program can't read (`PRAGMA user_version`).
    static let format = 1

    private static let schema = """
        CREATE TABLE state (
            id INTEGER PRIMARY KEY CHECK (id = 1),
            cluster_id TEXT NOT NULL,
            version INTEGER NOT NULL,
            epoch INTEGER NOT NULL
        ) STRICT;
        CREATE TABLE objects (
            kind TEXT NOT NULL,
            namespace TEXT NOT NULL,
            name TEXT NOT NULL,
            uid TEXT NOT NULL,
            version INTEGER NOT NULL,
            json TEXT NOT NULL,
            PRIMARY KEY (kind, namespace, name)
        ) STRICT;
        """

    static func configuration() -> Configuration {
        var configuration = Configuration()
        configuration.foreignKeysEnabled = false
        configuration.label = "state"
        return configuration
    }

    /// Whether there is a file; throws unless it is one of ours, judged by its first bytes alone.
    static func check(_ path: String) throws(StoreOpenError) -> Bool {
        let header: [UInt8]
        do throws(SystemError) {
            header = try Descriptor.open(path, .read).read(at: 0, upTo: 100)
        } catch {
            if !error.isNotFound { throw unreadable(path, "\(error)") }
            // An empty log is what a look without writing leaves behind; one with content would be applied to
            // a new file.
            if hasContent(path + "-wal") { throw corrupt(path, "is missing, but its log \(path)-wal is there") }
            return false
        }
        if header.isEmpty { throw corrupt(path, "is empty") }
        guard header.starts(with: Array("SQLite format 3\0".utf8)) else { throw foreign(path, "is not a database") }
        guard header.count == 100 else { throw corrupt(path, "is cut off") }
        func number(at offset: Int) -> Int32 { header[offset..<offset + 4].reduce(0) { $0 << 8 | Int32($1) } }
        if number(at: 68) != applicationID { throw foreign(path, "is a database of another program") }
        let found = Int(number(at: 60))
        if found > format {
            throw StoreOpenError(
                .newer(found: found, supported: format), path,
                "was written by a newer version of this program (format \(found), this one reads up to \(format))",
                next: "Use that version, or name another directory with --state")
        }
        return true
    }

    /// Makes an empty store beside its place and moves it there when it is whole.
    static func create(_ path: String, clusterID: String) throws(StoreOpenError) {
        let draft = path + ".new"
        do {
            for suffix in ["", "-wal", "-shm", "-journal"] { try Files.remove(draft + suffix) }
            // Made here, so that it, and what SQLite puts beside it, is its owner's only.
            _ = try Descriptor.open(draft, [.write, .create, .exclusive])
            let database = try DatabaseQueue(path: draft, configuration: configuration())
            try database.writeWithoutTransaction { db in
                try db.execute(sql: "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL")
                try db.inTransaction {
                    try db.execute(sql: "PRAGMA application_id = \(applicationID); PRAGMA user_version = \(format)")
                    try db.execute(sql: schema)
                    try db.execute(sql: "INSERT INTO state VALUES (1, ?, 0, 0)", arguments: [clusterID])
                    return .commit
                }
                try db.checkpoint(.truncate)
            }
            try database.close()
            try Files.move(draft, to: path)
        } catch {
            throw StoreOpenError(
                .notWritable, path, "can't be made: \(error)",
                next: "Free some space or check the directory's permissions, or name another directory with --state")
        }
    }

    /// Reads everything through a connection that can't write, and checks it on the way.
    static func load(
        _ path: String, limits: StoreLimits
    ) throws(StoreOpenError) -> (core: StoreCore, clusterID: String) {
        var configuration = configuration()
        configuration.readonly = true
        do {
            let database = try DatabaseQueue(path: path, configuration: configuration)
            let state = try database.read { db in
                let verdict = try String.fetchOne(db, sql: "PRAGMA quick_check(1)") ?? ""
                if verdict != "ok" { throw corrupt(path, "is damaged (\(verdict))") }
                return try StateReader(path: path, limits: limits).read(db)
            }
            try database.close()
            return state
        } catch {
            throw failure(path, error)
        }
    }

    private static func hasContent(_ path: String) -> Bool {
        // try?: a file that can't be opened is opened by SQLite next, which says why not.
        guard let size = try? Descriptor.open(path, .read).size() else { return false }
        return size > 0
    }

    static func failure(_ path: String, _ error: any Error) -> StoreOpenError {
        if let error = error as? StoreOpenError { return error }
        guard let error = error as? DatabaseError else { return unreadable(path, "\(error)") }
        let message = error.message ?? "SQLite \(error.extendedResultCode.rawValue)"
        // The reading connection needs 32 KiB beside the file for as long as it reads.
        if error.resultCode == .SQLITE_FULL || error.extendedResultCode == .SQLITE_IOERR_SHMSIZE {
            return StoreOpenError(
                .notWritable, path, "can't be opened: its disk is full",
                next: "Free some space; 1 MiB is enough to start")
        }
        switch error.resultCode {
        case .SQLITE_CORRUPT, .SQLITE_NOTADB, .SQLITE_ERROR, .SQLITE_MISMATCH:
            return corrupt(path, "is damaged (\(message))")
        default: return unreadable(path, message)
        }
    }

    static func corrupt(_ path: String, _ what: String) -> StoreOpenError {
        StoreOpenError(
            .corrupt, path, what,
            next:
                "Nothing was changed. Put a copy of the file in its place; or, to begin anew, move it away together with "
                + "\(path)-wal, and check for workers that the lost state still owns")
    }

    private static func foreign(_ path: String, _ what: String) -> StoreOpenError {
        StoreOpenError(
            .foreign, path, what + " and was left as it is",
            next: "Move it away, or name another directory with --state")
    }

    static func unreadable(_ path: String, _ what: String) -> StoreOpenError {
        StoreOpenError(
            .notWritable, path, "can't be opened: \(what)",
            next: "Check the permissions of the file and of its directory, or name another directory with --state")
    }
}
