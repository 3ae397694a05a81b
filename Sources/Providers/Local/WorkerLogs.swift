import Kernel

/// The workers' own logs, kept beyond their directories: the last 256 KiB of each, of the last hundred, for a day.
struct WorkerLogs: Sendable {
    let directory: String

    static let keptBytes = 256 << 10
    static let keptFiles = 100
    static let keptSeconds = 86_400
    /// A log that grows beyond this is begun anew.
    static let longest = 1 << 20

    /// Nothing depends on it: what can't be kept is not.
    func keep(_ path: String, as uid: String) {
        // try?: see above.
        guard let file = try? Descriptor.open(path, [.read, .noFollow, .nonBlocking]),
            // try?: see above.
            let size = try? file.size(), size > 0,
            // try?: see above.
            let tail = try? file.read(at: max(0, size - Self.keptBytes), upTo: Self.keptBytes)
        else { return }
        // try?: see above; a log that can't be kept must not keep its worker from ending.
        try? Files.replace("\(directory)/\(uid).log", tail)
        // try?: see above.
        let names = (try? Files.names(in: directory)) ?? []
        guard names.count > Self.keptFiles else { return }
        let byAge = names.map { (Files.modified("\(directory)/\($0)") ?? 0, $0) }.sorted { $0 < $1 }
        // try?: the next one that is kept tries again.
        for (_, name) in byAge.prefix(names.count - Self.keptFiles) { try? Files.remove("\(directory)/\(name)") }
    }

    /// Lets those go that were kept long enough: nothing stays for ever of a worker that is gone.
    func prune() throws(SystemError) {
        let now = Int(BootClock.wallNanoseconds / 1_000_000_000)
        for name in try Files.names(in: directory) {
            let path = "\(directory)/\(name)"
            if let written = Files.modified(path), now - written > Self.keptSeconds { try Files.remove(path) }
        }
    }

    /// The worker appends, so cutting the file behind its back loses nothing that comes later.
    func bound(_ path: String, as uid: String) {
        // try?: no log, nothing to bound.
        guard let size = try? Descriptor.open(path, .read).size(), size > Self.longest else { return }
        keep(path, as: uid)
        // try?: it is looked at again with the next list.
        _ = try? Descriptor.open(path, [.write, .truncate, .noFollow])
    }
}
