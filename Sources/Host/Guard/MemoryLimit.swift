import Kernel

/// The limit that a container's memory has, as the container itself sees it.
enum MemoryLimit {
    private static let limit = 64 << 10
    /// Of the second version of control groups, and of the first.
    private static let places = ["/sys/fs/cgroup/memory.events", "/sys/fs/cgroup/memory/memory.oom_control"]

    /// Whether the kernel has killed anything in this container for it.
    static var wasExceeded: Bool {
        places.contains { place in
            // try?: a kernel or container without that file.
            let bytes = (try? Files.read(place, limit: limit)) ?? nil
            return kills(String(decoding: bytes ?? [], as: UTF8.self)) > 0
        }
    }

    /// From a line `oom_kill NUMBER`.
    static func kills(_ text: String) -> Int {
        for line in text.split(separator: "\n") {
            let words = line.split(separator: " ")
            if words.count == 2, words[0] == "oom_kill" { return Int(words[1]) ?? 0 }
        }
        return 0
    }
}
