import Engine
package import Model

/// Whose fault an end is: the one table from what was reported of an attempt, and what had been asked of it, to what
/// becomes of the task. It is the same for processes, containers, pods and machines: they differ in how an end is seen,
/// not in what it means.
package enum EndRule: Sendable, Hashable {
    case succeeds
    /// By the task's own fault: it uses a retry, and is over where none is left or its time was up.
    case fails(TaskLife.Event, Reason)
    /// As somebody with the right to it asked.
    case ends(TaskLife.Event, Reason)
    /// By no fault of the task: placed again, and no retry used.
    case isLost(Reason)

    /// `stop`: what the controller had asked of the attempt. `report`: how its agent says that it ended.
    static func of(_ report: Reason, exitCode: Int?, stop: Reason?) -> EndRule {
        switch report {
        // What was asked to stop and ends with 0 had done its work.
        case .completed where stop == nil || exitCode == 0: .succeeds
        case .timedOut: .fails(.timesOut, .timedOut)
        case .cancelled where stop == .cancelled: .ends(.isStopped, .cancelled)
        case .cancelled where stop == .timedOut: .fails(.timesOut, .timedOut)
        case .cancelled: .isLost(.preempted)
        case .stoppedFromOutside, .workerExhausted: .isLost(report)
        case .fenced, .workerLost: .isLost(.workerLost)
        default: .fails(.fails, report)
        }
    }

    /// What took too long once would do so again.
    package var usesRetry: Bool { if case .fails(let event, _) = self { event == .fails } else { false } }

    /// Whether it counts in the row after which a task that takes its workers along is slowed, and then ended.
    package var countsAsLoss: Bool {
        switch self {
        case .isLost(.workerLost), .isLost(.stoppedFromOutside), .isLost(.workerExhausted): true
        default: false
        }
    }

    /// Whether the worker is thought unwell for a while, so that what is placed next goes elsewhere.
    package var harmsWorker: Bool { if case .isLost(let reason) = self { reason.harmsWorker } else { false } }
}

extension EndRule {
    /// One line of the table that the documentation prints.
    package struct Row: Sendable, Hashable {
        package var report: Reason
        package var stop: Reason?
        package var rule: EndRule
    }

    /// Every one of these ways in which an attempt may be said to have ended, with every stop that may have been asked
    /// of it.
    package static func rows(_ reports: [Reason]) -> [Row] {
        reports.flatMap { report in
            [nil, Reason.cancelled, .timedOut, .preempted].map { stop in
                Row(report: report, stop: stop, rule: of(report, exitCode: report == .completed ? 0 : nil, stop: stop))
            }
        }
    }
}
