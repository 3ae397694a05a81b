import Engine
import Model
import WorkerProtocol

/// What a worker says that the store knows to be untrue. Whatever an honest agent may say late, after a restart of the
/// controller or of its own, is none.
enum Lie {
    /// Clocks are wrong by minutes, hours or a time zone; none is let a day ahead. What is earlier, or less ahead, is
    /// taken for the time between the assignment and now.
    static let clockTolerance = Duration.hours(24)

    static func inTimes(of report: AttemptReport, latest: Timestamp) -> String? {
        for time in [report.startedAt, report.finishedAt] {
            if let time, time > latest + clockTolerance {
                return "it reported \(report.name) at \(time), and it is \(latest)"
            }
        }
        return nil
    }

    /// Of a report about an attempt that the worker does not have.
    static func inForeign(_ report: AttemptReport, of workerUID: String, _ cache: Cache) -> String? {
        guard let worker = cache.worker(uid: workerUID) else { return nil }
        guard report.namespace == worker.key.namespace else { return "it reported on a task of another namespace" }
        // A task that is gone, or was made anew under its name, may once have been this worker's.
        guard let task = cache.tasks[report.task]?.object, task.metadata.uid == report.taskUID else { return nil }
        if report.fence > task.status.fence {
            return "it reported fence \(report.fence) of \(report.name), whose last one is \(task.status.fence)"
        }
        if report.fence == task.status.fence {
            if let holder = task.status.assignment?.workerUID, holder != workerUID {
                return "it reported on \(report.name) under the fence of another worker"
            }
            if report.attempt != task.status.attempt {
                return "it reported attempt \(report.attempt) of \(report.name) under the fence of another attempt"
            }
        }
        return nil
    }
}
