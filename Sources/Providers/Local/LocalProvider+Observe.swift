import Glibc
import Kernel
import Model
import Ports
import Synchronization

extension LocalProvider {
    /// Directories without a process are those of creates that failed; a retry comes long before this.
    private static let huskSeconds = 600

    /// Nil if there is no such worker of this cluster.
    func look(_ uid: String) throws(SystemError) -> Observation? {
        let directory = directory(uid)
        state.withLock { _ = $0.lingering.remove(uid) }
        guard let record = directory.record, record.clusterID == settings.clusterID else { return nil }
        reap(uid)
        let standing = try directory.standing()
        let isReleased = tombstones.contains(uid)
        let seen: (Observation.State, ProcessIdentity?)
        switch standing {
        case .never: return nil
        case .starting: seen = (.starting, nil)
        case .alive(let identity):
            watch(uid, identity)
            seen = (isReleased ? .stopping : .running, identity)
        case .lingering(let identity):
            state.withLock { _ = $0.lingering.insert(uid) }
            seen = (.stopping, identity)
        case .ended(let identity, _) where killLeftovers(of: uid):
            state.withLock { _ = $0.lingering.insert(uid) }
            seen = (.stopping, identity)
        case .ended(let identity, let exit): seen = (.exited(code: exit.code, signal: exit.signal), identity)
        }
        var observation = Observation(
            workerUID: uid, clusterID: record.clusterID, slot: record.slot, attempt: record.attempt, state: seen.0,
            providerID: seen.1.map { "process:\($0)" }, createdAt: record.createdAt, isolation: record.isolation)
        if case .exited = seen.0 { observation.lastSeen = directory.lastWrite }
        return observation
    }

    /// Guards end what they guard before they let go of the worker's lock. Those that were killed together with their
    /// agent could not: what they left is killed here, before anybody is told that the worker has ended and starts its
    /// tasks elsewhere. True while there was any.
    func killLeftovers(of uid: String) -> Bool {
        // No other task can start there, so that nobody has to be looked for twice.
        guard !state.withLock({ $0.leftNothing.contains(uid) }) else { return false }
        // Where every guard told the end of its task nothing is left, and no table of all processes has to be read.
        guard directory(uid).hasOpenAttempts else {
            state.withLock { _ = $0.leftNothing.insert(uid) }
            return false
        }
        let left = ProcessTable.members(havingVariable: "RECONCILE_OUTPUT=\(directory(uid).path)/attempts/")
        for entry in left { entry.signal(SIGKILL) }
        if left.isEmpty { state.withLock { _ = $0.leftNothing.insert(uid) } }
        return !left.isEmpty
    }

    func listAndClean(_ clusterID: String) throws(SystemError) -> [Observation] {
        guard clusterID == settings.clusterID else { return [] }
        var all: [Observation] = []
        let uids = try Files.names(in: workers)
        for uid in uids {
            let directory = directory(uid)
            if let seen = try look(uid) {
                all.append(seen)
                // try?: one that can't be removed hides no other: its release is tried again and says why.
                if case .exited = seen.state, tombstones.contains(uid) { try? clean(uid) }
            } else if let record = directory.record, record.clusterID == clusterID, isHusk(directory) {
                // try?: as above; the next list tries again.
                try? clean(uid)
            }
            logs.bound(directory.log, as: uid)
        }
        try tombstones.prune(keeping: Set(uids))
        try logs.prune()
        return all
    }

    private func isHusk(_ directory: WorkerDirectory) -> Bool {
        guard !directory.hasRun, let written = Files.modified(directory.path) else { return false }
        return Int(BootClock.wallNanoseconds / 1_000_000_000) - written > Self.huskSeconds
    }
}
