import Glibc
import Kernel
import Synchronization

/// The guards of this process, and what those leave behind that die before their time: as this process adopts its
/// orphaned descendants, they become its children, whatever session, group or environment they have given themselves.
final class Orphans: Sendable {
    private let guards = Mutex<Set<Int32>>([])
    private let isAdopting: Bool

    private static let rounds = 100

    init(adopting: Bool) throws(SystemError) {
        isAdopting = adopting
        if adopting { try Children.adoptOrphans() }
    }

    /// Under one lock with the search, so that a new guard is never taken for an orphan.
    func start(_ request: SpawnRequest) throws(SystemError) -> Int32 {
        try guards.withLock { guards throws(SystemError) in
            let pid = try request.spawn()
            guards.insert(pid)
            return pid
        }
    }

    /// That guard has ended and was reaped.
    func ended(_ pid: Int32) { guards.withLock { _ = $0.remove(pid) } }

    /// Kills what was adopted, and all that it started meanwhile. How many there were.
    func end() -> Int {
        guard isAdopting else { return 0 }
        var found: Set<Int32> = []
        for _ in 0..<Self.rounds {
            let left = killOnce()
            if left.isEmpty { break }
            found.formUnion(left)
            usleep(1000)
        }
        return found.count
    }

    private func killOnce() -> [Int32] {
        guards.withLock { guards in
            let (mine, session) = (getpid(), getsid(0))
            let orphans = ProcessTable.entries().filter {
                $0.parent == mine && $0.session != session && !guards.contains($0.pid)
            }
            var living: [Int32] = []
            for orphan in orphans {
                if orphan.isDead {
                    // try?: somebody else has taken it.
                    _ = try? Children.take(orphan.pid)
                    continue
                }
                for entry in [orphan] + ProcessTable.descendants(of: orphan.pid) {
                    entry.signal(SIGKILL)
                    living.append(entry.pid)
                }
            }
            return living
        }
    }
}
