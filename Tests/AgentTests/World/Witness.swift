import Agent
import Model
import WorkerProtocol

/// Watches from outside and writes down every broken promise.
struct Witness {
    private(set) var faults: [String] = []
    private(set) var starts = 0
    private(set) var handedOutEnds = 0
    private var running: [String: [(message: AssignmentMessage, worker: String)]] = [:]
    private var highest: [String: Int] = [:]
    private var ends: Set<String> = []
    private var sentAt: [String: Instant] = [:]

    mutating func fault(_ text: String) {
        if faults.count < 20 { faults.append(text) }
    }

    /// S5: no attempt starts twice, nor under a fence that is not higher than all before it on that worker; S11:
    /// exclusive ones never overlap.
    mutating func start(_ message: AssignmentMessage, on worker: String, _ now: Instant) {
        starts += 1
        let place = "\(worker)/\(message.taskUID)"
        if let before = highest[place], message.fence <= before {
            fault("\(message.id) started on \(worker) after fence \(before)")
        }
        highest[place] = message.fence
        let others = running[message.taskUID, default: []]
        if message.exclusive, let other = others.first {
            fault("\(message.id) on \(worker) overlaps \(other.message.id) on \(other.worker) at \(now)")
        }
        running[message.taskUID] = others + [(message, worker)]
    }

    mutating func end(_ message: AssignmentMessage, on worker: String) {
        running[message.taskUID]?.removeAll { $0.message.id == message.id && $0.worker == worker }
    }

    /// S10: one terminal report per fence, of one leader; another may hear it again, because it may not have been
    /// durable.
    mutating func handedOut(_ report: AttemptReport, _ generation: Int) {
        guard report.phase == .ended else { return }
        handedOutEnds += 1
        if !ends.insert("\(generation)/\(report.taskUID)/\(report.fence)").inserted {
            fault("a second end of \(report.id) was handed out")
        }
    }

    mutating func acknowledged(_ worker: String, _ at: Instant) { sentAt[worker] = max(sentAt[worker] ?? .origin, at) }

    /// An exclusive attempt never outlives the cut-off and its kill grace.
    mutating func look(at world: World) {
        for uid in running.keys.sorted() {
            for (message, worker) in running[uid] ?? [] where message.exclusive {
                guard let sentAt = sentAt[worker], world.agents[worker]?.isAlive == true else { continue }
                let allowed = Duration.seconds(10) + message.killGrace + .milliseconds(100)
                if world.now.instant - sentAt > allowed {
                    fault("\(message.id) on \(worker) ran past its cut-off: \(world.now.instant - sentAt)")
                }
            }
        }
    }
}
