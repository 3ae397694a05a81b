import Host
import Kernel
import Model
import Ports
import ProcessKit

/// A runner over a directory of its own, and what it tells.
final class Runs: RunnerHolder {
    let scratch: Scratch
    let runner: AttemptRunner

    init(
        scratch: Scratch? = nil, maxAttempts: Int = 1024, guardCommand: [String]? = nil,
        confinement: TaskConfinement? = nil, storage: Int64? = nil
    ) throws {
        let scratch = try scratch ?? Scratch()
        self.scratch = scratch
        var settings = AttemptRunner.Settings(
            directory: scratch.path + "/attempts", guardCommand: guardCommand ?? [Processes.fixture, "guard"],
            environment: ["PATH": "/usr/bin:/bin"], maxAttempts: maxAttempts)
        settings.confinement = confinement
        settings.standardStorage = storage
        settings.storageInterval = .milliseconds(50)
        runner = try AttemptRunner(settings, watcher: try Watcher())
    }

    static func order(_ script: String, task: String = "task", killGrace: Duration = .seconds(5)) -> AttemptOrder {
        AttemptOrder(
            name: AttemptName(taskUID: task, attempt: 1), label: "test/\(task)", command: ["sh", "-c", script],
            killGrace: killGrace)
    }

    func directory(_ name: AttemptName) -> String { "\(scratch.path)/attempts/\(name)" }
}
