package import Model

/// A fenced word of an agent about one attempt: that it runs, or how it ended.
package struct AttemptReport: Structured, Hashable {
    package enum Phase: String, FieldEnum { case running = "Running", ended = "Ended" }

    package var namespace = ""
    package var name = ""
    package var taskUID = ""
    package var attempt = 0
    package var fence = 0
    /// Rises with every report of a worker, restarts of its agent included.
    package var sequence = 0
    package var phase = Phase.running
    /// Absent if it never ran.
    package var startedAt: Timestamp?
    package var finishedAt: Timestamp?
    package var exitCode: Int?
    package var signal: Int?
    package var reason = Reason.running
    package var message: String?
    package var outputs: [String: String] = [:]

    package init() {}

    package init(of assignment: AssignmentMessage, _ phase: Phase, _ reason: Reason) {
        namespace = assignment.namespace
        name = assignment.name
        taskUID = assignment.taskUID
        attempt = assignment.attempt
        fence = assignment.fence
        self.phase = phase
        self.reason = reason
    }

    package var task: ObjectKey { ObjectKey(.task, namespace, name) }
    package var id: AttemptID { AttemptID(taskUID: taskUID, attempt: attempt, fence: fence) }
    /// Bytes of its outputs, keys and values.
    package var outputBytes: Int {
        outputs.values.reduce(0) { $0 + $1.utf8.count } + outputs.keys.reduce(0) { $0 + $1.utf8.count }
    }

    /// How an attempt may be said to have ended.
    package static let ends: [Reason] = [
        .completed, .exitedNonZero, .killedBySignal, .couldNotStart, .outputTooLarge, .timedOut, .cancelled, .fenced,
        .workerLost, .stoppedFromOutside, .workerExhausted,
    ]

    package static let shape = Shape<AttemptReport>(
        "A fenced word of an agent about one attempt.",
        .required("namespace", \.namespace, "The task's namespace.", .label),
        .required("name", \.name, "The task's name.", .name),
        .required("taskUID", \.taskUID, "The task's UID.", .length(1...128), .rule(.plain)),
        .required("attempt", \.attempt, "The attempt's number.", .range(1...Int64.max)),
        .required("fence", \.fence, "Its fence.", .range(1...Int64.max)),
        .required("sequence", \.sequence, "Rises with every report of a worker.", .range(1...Int64.max)),
        .required("phase", \.phase, "Running or Ended."),
        .optional("startedAt", \.startedAt, "When it began to run."),
        .optional("finishedAt", \.finishedAt, "When it ended."),
        .optional("exitCode", \.exitCode, "Its exit code.", .range(-1024...1024)),
        .optional("signal", \.signal, "The signal that ended it.", .range(1...255)),
        .required("reason", \.reason, "How it ended, in one word."),
        .optional("message", \.message, "How it ended, in a sentence.", .length(0...WireLimits.message)),
        .list(
            "outputs", \.outputs, "Values it wrote to $RECONCILE_OUTPUT.", .items(upTo: WireLimits.outputs),
            .each(0...WireLimits.outputValue)))

    /// What the shape alone does not say; nil for a report that makes sense.
    package var nonsense: String? {
        switch phase {
        case .running where reason != .running: "a running attempt gives no reason"
        case .ended where !Self.ends.contains(reason): "\(reason.rawValue) is not how an attempt ends"
        default:
            outputBytes > WireLimits.outputTotal
                ? "\(outputBytes) bytes of outputs, at most \(WireLimits.outputTotal) are allowed" : nil
        }
    }
}
