import Kernel
import Model
import Synchronization

/// How much of the disk one attempt may take, and what is known of it.
struct StorageBound: Sendable {
    let directory: String
    let limit: Int64
    /// What the whole file system took when it was last looked at.
    var last: Int64
    /// As much as it can have become since it began: whatever was written there, by whomever.
    var grown: Int64 = 0
    /// How often it was not looked through since it was.
    var passed = 0
    /// Why it is ended; nil while it is not.
    var excess: String?
}

extension AttemptRunner {
    /// So often at the most: whoever frees as much meanwhile hides what is written.
    private static let mostPassed = 12
    private static let stackBytes = 256 << 10

    /// Ends attempts that take more of the disk than they may, until it is cancelled. An attempt's files are looked
    /// through when the file system as a whole has grown by as much, and every twelfth time.
    package func boundStorage() async {
        // try?: it ends when it is cancelled, and no other way.
        while (try? await Task.sleep(for: settings.storageInterval, clock: .continuous)) != nil {
            guard bounds.withLock({ !$0.isEmpty }) else { continue }
            // In a thread of its own, while which nothing else waits: there may be many files.
            await withCheckedContinuation { looked in
                let isLooking = PosixThread.start(stackBytes: Self.stackBytes) { [self] in
                    lookAtStorage()
                    looked.resume()
                }
                if !isLooking { looked.resume() }
            }
        }
    }

    func bound(_ order: AttemptOrder, to directory: AttemptDirectory) {
        guard let limit = order.limits.storage?.units ?? settings.standardStorage,
            // try?: where it can't be known what is used, nothing is bounded.
            let used = try? DiskUsage.ofFileSystem(at: settings.directory)
        else { return }
        let bound = StorageBound(directory: directory.task, limit: limit, last: used)
        bounds.withLock { $0[order.name] = bound }
    }

    private func lookAtStorage() {
        // try?: as when it began.
        guard let used = try? DiskUsage.ofFileSystem(at: settings.directory) else { return }
        let suspects: [(AttemptName, StorageBound)] = bounds.withLock { bounds in
            for name in bounds.keys {
                guard let bound = bounds[name] else { continue }
                bounds[name]?.grown += max(0, used - bound.last)
                bounds[name]?.last = used
                bounds[name]?.passed += 1
            }
            return bounds.filter { _, bound in
                bound.excess == nil && (bound.grown > bound.limit || bound.passed >= Self.mostPassed)
            }
            .sorted { $0.key < $1.key }
        }
        for (name, bound) in suspects {
            let bytes = DiskUsage.beneath(bound.directory, upTo: bound.limit)
            guard bytes > bound.limit else {
                bounds.withLock {
                    $0[name]?.grown = bytes
                    $0[name]?.passed = 0
                }
                continue
            }
            let excess =
                "its files took more than the \(bound.limit >> 20) MiB of disk that it may have; give the task more in "
                + "requires.storage"
            bounds.withLock { $0[name]?.excess = excess }
            kill(name)
        }
    }

    /// What is said of an end that came of it.
    func told(_ end: AttemptEnd, of name: AttemptName) -> AttemptEnd {
        let bound = bounds.withLock { $0.removeValue(forKey: name) }
        guard let excess = bound?.excess, end.reason == .killedBySignal else { return end }
        var told = end
        told.note = excess
        told.message = [end.message, excess].compactMap(\.self).joined(separator: "; ")
        return told
    }
}
