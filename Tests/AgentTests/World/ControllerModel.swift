import Agent
import Gateway
import Model
import WorkerProtocol

/// The engine as the gateway meets it: a durable store of tasks and workers, and a leader that binds, commits with a
/// delay, gives silent workers up, and may crash.
struct ControllerModel {
    struct Task {
        var message: AssignmentMessage
        var duration: Duration
        var fails: Bool
        var worker: String?
        var notBefore: Instant
        var isOver = false
        var results = 0
    }

    struct WorkerRecord {
        var token: String
        let madeAt: Instant
        var credential: SecretHash?
        var given = false
        var draining = false
    }

    // Durable.
    var epoch = 1
    var tasks: [Task] = []
    var workers: [String: WorkerRecord] = [:]

    // The leader's own.
    var gateway = GatewayCore(epoch: 1)
    /// Rises with every crash: what an earlier leader had begun does not go on.
    var generation = 0
    var evicting: Set<String> = []
    var leadingSince = Instant.origin

    func assignments(of worker: String) -> [AssignmentMessage] {
        tasks.filter { $0.worker == worker && !$0.isOver }.map(\.message)
    }

    func place(of taskUID: String) -> Int? { tasks.firstIndex { $0.message.taskUID == taskUID } }

    /// What a commit of a report makes of its task.
    mutating func accept(_ report: AttemptReport, from worker: String, now: Instant) {
        guard let index = place(of: report.taskUID), !tasks[index].isOver, tasks[index].worker == worker,
            tasks[index].message.fence == report.fence, report.phase == .ended
        else { return }
        switch report.reason {
        case .completed, .timedOut: finish(index)
        case .cancelled where tasks[index].message.stop != nil: finish(index)
        case .exitedNonZero: tasks[index].fails = false
        default: break
        }
        unbind(index, notBefore: now)
    }

    private mutating func finish(_ index: Int) {
        tasks[index].isOver = true
        tasks[index].results += 1
    }

    mutating func unbind(_ index: Int, notBefore: Instant) {
        tasks[index].worker = nil
        tasks[index].notBefore = notBefore
    }

    /// A silent worker's tasks go elsewhere; exclusive ones when it has surely ended them (L3).
    mutating func giveUp(_ worker: String, now: Instant) {
        workers[worker]?.given = true
        for index in tasks.indices where tasks[index].worker == worker && !tasks[index].isOver {
            let message = tasks[index].message
            unbind(index, notBefore: message.exclusive ? now + message.killGrace + .seconds(1) : now)
        }
    }
}
