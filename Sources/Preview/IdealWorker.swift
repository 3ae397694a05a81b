import Model
import WorkerProtocol

/// A worker that never fails: it comes up when told, ends each task when its estimate says, and answers at once.
struct IdealWorker: Sendable {
    struct Held: Sendable {
        let assignment: AssignmentMessage
        var isStopping = false
    }

    let uid: String
    let key: ObjectKey
    let pool: ObjectKey
    let region: String
    let createdAt: Instant
    var containerEngine: String?
    var isJoined = false
    var isReleased = false
    var isDead = false
    var held: [String: Held] = [:]
    /// Highest fence taken, by task.
    var taken: [String: Int] = [:]
    var reports: [AttemptReport] = []
    var lastReport = 0
    var exchangeNumber = 0

    init(uid: String, key: ObjectKey, pool: String, region: String, createdAt: Instant) {
        self.uid = uid
        self.key = key
        self.pool = ObjectKey(.workerPool, key.namespace, pool)
        self.region = region
        self.createdAt = createdAt
    }

    var isUp: Bool { isJoined && !isDead && !isReleased }

    mutating func say(_ report: AttemptReport) {
        lastReport += 1
        var report = report
        report.sequence = lastReport
        reports.append(report)
    }

    mutating func exchange(epoch: Int) -> ExchangeRequest {
        exchangeNumber += 1
        var request = ExchangeRequest()
        request.workerUID = uid
        request.incarnation = 1
        request.number = exchangeNumber
        request.epoch = epoch
        request.holding = held.keys.sorted().compactMap { task in
            held[task].map { Holding(taskUID: task, fence: $0.assignment.fence, stopping: $0.isStopping) }
        }
        request.containerEngine = containerEngine
        request.reports = Array(reports.prefix(WireLimits.reports))
        return request
    }
}
