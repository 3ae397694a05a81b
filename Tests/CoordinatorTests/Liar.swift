import Coordinator
import Gateway
import Model
import Ports
import Storage
import WorkerProtocol

/// A house in which one worker has fallen into bad hands: two workers of one slot, each with a task that runs on.
struct Liar {
    var house: House
    /// Whose credential the liar has, and who must not notice.
    let own: Worker
    let other: Worker
    let ownTask: WorkTask
    let otherTask: WorkTask

    struct NotReady: Error {}

    init() throws {
        var house = try House([
            Manifest.region(), Manifest.pool(workers: 2, slots: 1),
            Manifest.plan([Manifest.task("a"), Manifest.task("b")]),
        ])
        house.runs = .hours(9)
        house.pass(.seconds(30)) {
            $0.task("a")?.status.phase == .running && $0.task("b")?.status.phase == .running
        }
        guard let a = house.task("a"), let b = house.task("b"),
            let own = a.status.assignment.flatMap({ house.worker($0.worker) }),
            let other = b.status.assignment.flatMap({ house.worker($0.worker) })
        else { throw NotReady() }
        self.house = house
        (self.own, self.other, ownTask, otherTask) = (own, other, a, b)
    }

    var credential: SecretHash { House.credential(own.metadata.uid) }

    /// What of the others there is in the store and in memory.
    struct Others: Equatable {
        let versions: [UInt64?]
        let lease: WorkerLease?
        let stopped: String?
    }

    func others(in house: House) -> Others {
        Others(
            versions: [other.key, otherTask.key].map { house.store.get($0)?.version },
            lease: house.core.gateway.lease(of: other.metadata.uid), stopped: house.stopped)
    }

    func isMarked(in house: House) -> Bool {
        house.worker(own.metadata.name)?.status.failure?.reason == Reason.misbehaving.rawValue
    }

    // MARK: True words, to be made untrue

    var renewal: RenewRequest { RenewRequest(workerUID: own.metadata.uid, incarnation: 1, number: 1 << 20, epoch: 1) }

    var exchange: ExchangeRequest {
        var request = ExchangeRequest()
        (request.workerUID, request.incarnation, request.number, request.epoch) = (own.metadata.uid, 1, 1 << 20, 1)
        request.holding = [
            Holding(taskUID: ownTask.metadata.uid, fence: ownTask.status.fence, stopping: false)
        ]
        return request
    }

    func report(on task: WorkTask) -> AttemptReport {
        var report = AttemptReport()
        (report.namespace, report.name, report.taskUID) = (
            task.key.namespace, task.metadata.name, task.metadata.uid
        )
        (report.attempt, report.fence, report.sequence) = (task.status.attempt, task.status.fence, 100)
        (report.phase, report.reason, report.exitCode) = (.ended, .completed, 0)
        return report
    }

    var join: JoinRequest {
        JoinRequest(
            token: BearerSecret("spent"), workerUID: own.metadata.uid, bootID: "boot", pid: 1, agentVersion: "1")
    }
}
