import Host
import Model
import Synchronization
import WorkerProtocol

/// The attempts started by this process, with their fences and whether they still run.
final class FenceTable: Sendable {
    private let table = Mutex<[AttemptName: (id: AttemptID, runs: Bool)]>([:])

    private let lease = Mutex<Instant?>(nil)

    /// When the last acknowledged renewal was sent.
    var leaseFrom: Instant? {
        get { lease.withLock { $0 } }
        set { lease.withLock { $0 = newValue } }
    }

    func set(_ id: AttemptID) { table.withLock { $0[id.name] = (id, true) } }
    func remove(_ id: AttemptID) { table.withLock { $0[id.name] = nil } }
    func ended(_ name: AttemptName) { table.withLock { $0[name]?.runs = false } }
    func isRunning(_ id: AttemptID) -> Bool { table.withLock { $0[id.name]?.runs ?? false } }

    /// One that is not in the table has fence 0: nothing that was asked for.
    func id(_ name: AttemptName) -> AttemptID {
        table.withLock { $0[name]?.id } ?? AttemptID(taskUID: name.taskUID, attempt: name.attempt, fence: 0)
    }

    /// Those that run, in order.
    var all: [AttemptID] { table.withLock { $0.values.filter(\.runs).map(\.id) }.sorted() }
}
