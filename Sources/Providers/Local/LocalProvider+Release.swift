import Glibc
import Kernel
import Synchronization

extension LocalProvider {
    /// Asks once more: SIGTERM, from the release grace on SIGKILL, and once everything has ended the directory goes.
    func end(_ uid: String) throws(SystemError) {
        let directory = directory(uid)
        if let record = directory.record, record.clusterID != settings.clusterID { return }
        try tombstones.add(uid)
        guard Files.exists(directory.path) else { return }
        reap(uid)
        switch try directory.standing() {
        case .starting, .lingering:
            // Whoever starts it sees the tombstone; guards end by themselves.
            break
        case .alive(let identity):
            if (tombstones.age(of: uid) ?? .zero) < settings.releaseGrace {
                identity.signal(SIGTERM)
            } else {
                // With what else is in its session; guards have sessions of their own, and end when it does.
                for entry in ProcessTable.entries() where entry.session == identity.pid && entry.pid != identity.pid {
                    entry.signal(SIGKILL)
                }
                identity.signal(SIGKILL)
            }
        case .ended where killLeftovers(of: uid):
            state.withLock { _ = $0.lingering.insert(uid) }
        case .never, .ended:
            try clean(uid)
        }
    }

    /// Removes the directory of a worker that is released and gone. Under its lock, so that nobody starts in it.
    func clean(_ uid: String) throws(SystemError) {
        let directory = directory(uid)
        do throws(SystemError) {
            guard let lock = try FileLock.take(directory.lock) else { return }
            logs.keep(directory.log, as: uid)
            try Files.remove(directory.path)
            withExtendedLifetime(lock) {}
        } catch  where error.isNotFound {
            // Another was faster.
        }
        state.withLock { state in
            state.lingering.remove(uid)
            state.leftNothing.remove(uid)
        }
    }
}
