import Model
import WorkerProtocol

/// The attempts one worker should hold, by the controller's latest word, and those it lately held.
struct WorkerTasks: Sendable {
    /// In the order of namespace and name.
    let assignments: [AssignmentMessage]
    private let places: [String: Int]
    private var former: Set<LogKey>
    /// `former`, oldest first.
    private var order: [LogKey]

    /// How many attempts it remembers besides those assigned.
    static let memory = 1024

    private struct LogKey: Hashable {
        let taskUID: String
        let attempt: Int
    }

    init(_ assignments: [AssignmentMessage], after earlier: WorkerTasks?) {
        self.assignments = assignments.sorted {
            ($0.namespace, $0.name, $0.fence) < ($1.namespace, $1.name, $1.fence)
        }
        // Of two fences of one task the higher counts; the engine never sends two.
        places = Dictionary(self.assignments.enumerated().map { ($1.taskUID, $0) }) { $1 }
        former = earlier?.former ?? []
        order = earlier?.order ?? []
        for assignment in self.assignments {
            let key = LogKey(taskUID: assignment.taskUID, attempt: assignment.attempt)
            if former.insert(key).inserted { order.append(key) }
        }
        let excess = order.count - Self.memory - self.assignments.count
        guard excess > 0 else { return }
        for key in order.prefix(excess) { former.remove(key) }
        order.removeFirst(excess)
    }

    func assignment(of taskUID: String) -> AssignmentMessage? { places[taskUID].map { assignments[$0] } }

    /// Whether that attempt is, or lately was, this worker's.
    func held(taskUID: String, attempt: Int) -> Bool {
        former.contains(LogKey(taskUID: taskUID, attempt: attempt))
            || assignment(of: taskUID)?.attempt == attempt
    }
}
