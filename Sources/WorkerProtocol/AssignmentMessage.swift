package import Model

/// One attempt that a worker should hold. Outputs of earlier tasks and secrets are already in `run`.
package struct AssignmentMessage: Structured, Hashable {
    package var namespace = ""
    package var name = ""
    package var taskUID = ""
    package var plan = ""
    package var region = ""
    package var attempt = 0
    package var fence = 0
    package var run = RunSpec()
    /// What its container may use at most; only with `run.image`.
    package var limits: Requirements?
    package var timeout: Duration?
    package var killGrace = Duration.seconds(10)
    /// Attempts of the task never overlap (S11): the agent also stops it when it is cut off.
    package var exclusive = false
    /// Why the attempt must end; absent while it may run.
    package var stop: Reason?

    package init() {}

    package var task: ObjectKey { ObjectKey(.task, namespace, name) }
    package var id: AttemptID { AttemptID(taskUID: taskUID, attempt: attempt, fence: fence) }

    package static let shape = Shape<AssignmentMessage>(
        "One attempt that a worker should hold.",
        .required("namespace", \.namespace, "The task's namespace.", .label),
        .required("name", \.name, "The task's name.", .name),
        .required("taskUID", \.taskUID, "The task's UID.", .length(1...128), .rule(.plain)),
        .text("plan", \.plan, "The plan it belongs to.", .length(0...253)),
        .text("region", \.region, "The region it runs in.", .length(0...253)),
        .required("attempt", \.attempt, "The attempt's number.", .range(1...Int64.max)),
        .required("fence", \.fence, "Its fence.", .range(1...Int64.max)),
        .required("run", \.run, "What to execute."),
        .optional("limits", \.limits, "What its container may use at most."),
        .optional("timeout", \.timeout, "The longest it may run."),
        .required("killGrace", \.killGrace, "Between SIGTERM and SIGKILL."),
        .always("exclusive", \.exclusive, "Whether attempts of the task never overlap."),
        .optional("stop", \.stop, "Why it must end."))
}

/// Which attempt of which task.
package struct AttemptID: Sendable, Hashable, Comparable, CustomStringConvertible {
    package let taskUID: String
    package let attempt: Int
    package let fence: Int

    package init(taskUID: String, attempt: Int, fence: Int) {
        self.taskUID = taskUID
        self.attempt = attempt
        self.fence = fence
    }

    package static func < (a: AttemptID, b: AttemptID) -> Bool {
        (a.taskUID, a.fence, a.attempt) < (b.taskUID, b.fence, b.attempt)
    }

    package var description: String { "\(taskUID)/\(attempt)/\(fence)" }
}
