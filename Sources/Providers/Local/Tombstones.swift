import Documents
import Kernel
import Model

/// Which workers were released, remembered beyond their directories: a create that comes late makes nothing. Join
/// tokens are good for ten minutes, so nothing that was sent an hour ago can still start a worker.
struct Tombstones: Sendable {
    let directory: String

    static let kept = 3600

    func contains(_ uid: String) -> Bool { Files.exists("\(directory)/\(uid)") }

    /// How long ago the end was first asked for; nil if it never was. An earlier run of the machine is long ago.
    func age(of uid: String) -> Duration? {
        // try?: none was asked for, or its tombstone can't be read: then it is asked for again.
        guard let bytes = try? Files.read("\(directory)/\(uid)", limit: 4096) else { return nil }
        // try?: one that makes no sense was written by an earlier run of the machine, cut off by its end.
        guard let tree = try? JSON.parse(bytes), let record = try? ReleaseRecord(tree: tree),
            record.bootID == BootClock.bootID
        else { return .hours(1) }
        return .nanoseconds(BootClock.nanoseconds - Int64(record.askedAt))
    }

    /// The first time counts.
    func add(_ uid: String) throws(SystemError) {
        if contains(uid) { return }
        var record = ReleaseRecord()
        record.bootID = BootClock.bootID
        record.askedAt = Int(BootClock.nanoseconds)
        try Files.replace("\(directory)/\(uid)", JSON.encode(record.tree))
    }

    /// Forgets those that are old, but for workers that still have a directory.
    func prune(keeping uids: Set<String>) throws(SystemError) {
        let now = Int(BootClock.wallNanoseconds / 1_000_000_000)
        for uid in try Files.names(in: directory) where !uids.contains(uid) {
            let path = "\(directory)/\(uid)"
            if let written = Files.modified(path), now - written > Self.kept { try Files.remove(path) }
        }
    }
}
