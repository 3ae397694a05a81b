package import Model

/// What an agent holds and what it has to report. It is repeatable: it states, it does not change.
package struct ExchangeRequest: Structured, Hashable {
    package var workerUID = ""
    /// Rises with every start of the worker's agent; the gateway listens to the latest only.
    package var incarnation = 0
    /// Rises with every exchange of an incarnation.
    package var number = 0
    /// The highest epoch the agent has seen.
    package var epoch = 0
    /// Attempts that are starting, running or being stopped.
    package var holding: [Holding] = []
    /// The oldest reports not yet acknowledged, by sequence.
    package var reports: [AttemptReport] = []
    /// The agent takes nothing new and exits when it holds nothing.
    package var draining = false
    /// As in the join; it may come and go.
    package var containerEngine: String?

    package init() {}

    package static let shape = Shape<ExchangeRequest>(
        "What an agent holds and what it has to report.",
        .required("workerUID", \.workerUID, "The worker.", .length(1...128), .rule(.plain)),
        .required("incarnation", \.incarnation, "The start of its agent.", .range(1...1 << 20)),
        .required("number", \.number, "Rises with every exchange.", .range(1...Int64.max)),
        .required("epoch", \.epoch, "The highest epoch it has seen.", .range(0...Int64.max)),
        .list("holding", \.holding, "Attempts starting, running or stopping.", .items(upTo: WireLimits.attempts)),
        .list("reports", \.reports, "Reports not yet acknowledged, by sequence.", .items(upTo: WireLimits.reports)),
        .always("draining", \.draining, "Whether it takes nothing new."),
        .optional(
            "containerEngine", \.containerEngine, "The API of its container engine.", .length(1...WireLimits.engine)))
}

/// One attempt in an agent's hands.
package struct Holding: Structured, Hashable {
    package var taskUID = ""
    package var fence = 0
    package var stopping = false

    package init() {}
    package init(taskUID: String, fence: Int, stopping: Bool) {
        self.taskUID = taskUID
        self.fence = fence
        self.stopping = stopping
    }

    package static let shape = Shape<Holding>(
        "One attempt in an agent's hands.",
        .required("taskUID", \.taskUID, "The task.", .length(1...128), .rule(.plain)),
        .required("fence", \.fence, "The attempt's fence.", .range(1...Int64.max)),
        .always("stopping", \.stopping, "Whether it is being stopped."))
}

/// What the agent should hold.
package struct ExchangeReply: Structured, Hashable {
    package var epoch = 0
    /// Every report up to this sequence is durable, or refused for good: the agent forgets it.
    package var acknowledged = 0
    /// All attempts the worker should hold; what it holds besides, it stops. Absent: the controller has not read its
    /// state yet, hold on to what you have.
    package var assignments: [AssignmentMessage]?

    package init() {}
    package init(epoch: Int, acknowledged: Int, assignments: [AssignmentMessage]?) {
        self.epoch = epoch
        self.acknowledged = acknowledged
        self.assignments = assignments
    }

    package static let shape = Shape<ExchangeReply>(
        "What the agent should hold.",
        .required("epoch", \.epoch, "The leader's epoch.", .range(0...Int64.max)),
        .required("acknowledged", \.acknowledged, "Reports up to this sequence are durable.", .range(0...Int64.max)),
        .optional(
            "assignments", \.assignments, "All attempts the worker should hold; absent where not yet known.",
            .items(upTo: WireLimits.attempts)))
}
