import Kernel

/// The workers' own logs, kept beyond their directories: the last 256 KiB of each, of the last hundred.
struct WorkerLogs: Sendable {
    let directory: String

    static let keptBytes = 256 << 10
    static let keptFiles = 100
    /// A log that grows beyond this is begun anew.
    static let longest = 1 << 20

    /// Nothing depends on it: what can't be kept is not.
    func keep(_ path: String, as uid: String) {
        guard let file = try? Descriptor.open(path, [.read, .noFollow, .nonBlocking]),
            let size = try? file.size(), size > 0,
            let tail = try? file.read(at: max(0, size - Self.keptBytes), upTo: Self.keptBytes)
        else { return }
        try? Files.replace("\(directory)/\(uid).log", tail)
        let names = (try? Files.names(in: directory)) ?? []
        guard names.count > Self.keptFiles else { return }
        let byAge = names.map { (Files.modified("\(directory)/\($0)") ?? 0, $0) }.sorted { $0 < $1 }
        for (_, name) in byAge.prefix(names.count - Self.keptFiles) { try? Files.remove("\(directory)/\(name)") }
    }

    /// The worker appends, so cutting the file behind its back loses nothing that comes later.
    func bound(_ path: String, as uid: String) {
        guard let size = try? Descriptor.open(path, .read).size(), size > Self.longest else { return }
        keep(path, as: uid)
        _ = try? Descriptor.open(path, [.write, .truncate, .noFollow])
    }
}
