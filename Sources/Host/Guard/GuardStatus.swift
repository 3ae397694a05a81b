package import Model

/// What a guard has to say about its task: sent to the agent as one line at the start and one at the end, and left in
/// the attempt's directory.
package struct GuardStatus: Structured, Hashable {
    package var pid: Int?
    package var startedAt: Timestamp?
    /// Set once everything the task started is gone.
    package var finishedAt: Timestamp?
    package var exitCode: Int?
    package var signal: Int?
    /// Why it could not be started.
    package var failure: String?
    /// Whether that is for want of what the worker should have had: processes, memory, descriptors, disk.
    package var isWorkersFailure = false
    /// Who asked for its end, where it was neither its agent nor its lease: the signal that the guard was sent.
    package var outsideSignal: Int?
    /// What else went wrong, e.g. a log that could not be written.
    package var note: String?

    package init() {}

    package var isEnd: Bool { finishedAt != nil }

    package static let shape = Shape<GuardStatus>(
        "State of one guarded process.",
        .optional("pid", \.pid, "The task's process."),
        .optional("startedAt", \.startedAt, "When it was started."),
        .optional("finishedAt", \.finishedAt, "When it and all its descendants were gone."),
        .optional("exitCode", \.exitCode, "If it exited."),
        .optional("signal", \.signal, "If a signal ended it."),
        .optional("failure", \.failure, "Why it could not be started."),
        .defaulted("isWorkersFailure", \.isWorkersFailure, "Whether the worker lacked what it takes to start it."),
        .optional("outsideSignal", \.outsideSignal, "The signal by which somebody else asked the guard to end it."),
        .optional("note", \.note, "What else went wrong."))
}
