import Glibc

/// One line of the process table: /proc/PID/stat, proc(5).
package struct ProcessEntry: Sendable, Hashable {
    package let pid: Int32
    package let parent: Int32
    package let group: Int32
    package let session: Int32
    /// Clock ticks since boot; with the number it names a process for good.
    package let startTime: UInt64
    /// It has ended and only waits to be reaped.
    package let isDead: Bool

    /// Nil if there is no such process.
    package init?(pid: Int32) {
        // try?: a process whose entry can't be read is gone.
        guard let bytes = try? Files.read("/proc/\(pid)/stat", limit: 4096),
            let end = bytes.lastIndex(of: UInt8(ascii: ")"))
        else { return nil }
        // After the name, which may hold anything: state is field 3, and the start time field 22.
        let fields = String(decoding: bytes[(end + 1)...], as: UTF8.self).split(separator: " ")
        guard fields.count > 19, let parent = Int32(fields[1]), let group = Int32(fields[2]),
            let session = Int32(fields[3]), let startTime = UInt64(fields[19])
        else { return nil }
        self.pid = pid
        self.parent = parent
        self.group = group
        self.session = session
        self.startTime = startTime
        isDead = fields[0] == "Z" || fields[0] == "X"
    }
}

/// All processes that this one can see.
package enum ProcessTable {
    package static func entries() -> [ProcessEntry] {
        // try?: without /proc no process is seen, and `doctor` says so.
        let names = (try? Files.names(in: "/proc")) ?? []
        return names.compactMap { Int32($0).flatMap(ProcessEntry.init) }
    }

    /// The living descendants of a process, itself not counted. Costs what that family is, however many others there
    /// are; where the kernel lists no children, the whole table.
    package static func descendants(of ancestor: Int32) -> [ProcessEntry] {
        guard listsChildren else { return descendantsOfAll(ancestor) }
        var found: [ProcessEntry] = []
        var seen: Set = [ancestor]
        var next = [ancestor]
        while let parent = next.popLast() {
            for child in children(of: parent) where seen.insert(child).inserted {
                next.append(child)
                if let entry = ProcessEntry(pid: child), !entry.isDead { found.append(entry) }
            }
        }
        return found.sorted { $0.pid < $1.pid }
    }

    /// Built in since Linux 4.2 unless left out (CONFIG_PROC_CHILDREN).
    private static let listsChildren = Files.exists("/proc/thread-self/children")

    /// Of each of its threads.
    private static func children(of pid: Int32) -> [Int32] {
        // try?: it has ended meanwhile, and has no children any more.
        let threads = (try? Files.names(in: "/proc/\(pid)/task")) ?? []
        return threads.flatMap { thread in
            // try?: the thread has ended meanwhile.
            let bytes = (try? Files.read("/proc/\(pid)/task/\(thread)/children", limit: 4 << 20)) ?? nil
            return String(decoding: bytes ?? [], as: UTF8.self).split(separator: " ").compactMap { Int32($0) }
        }
    }

    package static func descendantsOfAll(_ ancestor: Int32) -> [ProcessEntry] {
        let all = entries()
        var family: Set = [ancestor]
        var grew = true
        while grew {
            grew = false
            for entry in all where family.contains(entry.parent) && family.insert(entry.pid).inserted { grew = true }
        }
        return all.filter { $0.pid != ancestor && !$0.isDead && family.contains($0.pid) }
    }

    /// The living processes of a session and those that still have that variable as they were started with it.
    package static func members(ofSession session: Int32, orHaving variable: String) -> [ProcessEntry] {
        let wanted = Array(variable.utf8)
        return entries().filter { !$0.isDead && ($0.session == session || $0.hasVariable { $0.elementsEqual(wanted) }) }
    }

    /// The living processes that were started with a variable that begins like that, e.g. `DIRECTORY=/place/`.
    package static func members(havingVariable prefix: String) -> [ProcessEntry] {
        let wanted = Array(prefix.utf8)
        return entries().filter { !$0.isDead && $0.hasVariable { $0.starts(with: wanted) } }
    }
}

extension ProcessEntry {
    /// To this very process, and not to whoever has its number by then. False where it is gone.
    @discardableResult
    package func signal(_ signal: Int32) -> Bool {
        ProcessIdentity(bootID: BootClock.bootID, pid: pid, startTime: startTime).signal(signal)
    }

    private static let environmentBytes = 4 << 20

    fileprivate func hasVariable(_ isWanted: (ArraySlice<UInt8>) -> Bool) -> Bool {
        // try?: what may not be looked into is not ours.
        let environment = (try? Files.read("/proc/\(pid)/environ", limit: Self.environmentBytes)) ?? []
        return environment.split(separator: 0).contains(where: isWanted)
    }
}
