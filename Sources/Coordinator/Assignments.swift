import Controllers
import Engine
import Model
import Tree
import WorkerProtocol

/// What a worker should hold, ready to run: references to outputs and secrets put in place. Secrets go to the agent
/// only, never into an object (S14).
enum Assignments {
    struct Built {
        var messages: [AssignmentMessage] = []
        /// Attempts that can't be made ready, as ends that the engine takes for the agent's word.
        var unstartable: [TaskReport] = []
    }

    static func build(for worker: ObjectKey, uid: String, cache: Cache) -> Built {
        var built = Built()
        for task in cache.tasks(on: worker) where task.status.assignment?.workerUID == uid {
            do {
                built.messages.append(try message(task, cache))
            } catch {
                built.unstartable.append(unstartable(task, uid, "\(error)"))
            }
        }
        return built
    }

    private static func message(_ task: WorkTask, _ cache: Cache) throws -> AssignmentMessage {
        var message = AssignmentMessage()
        message.namespace = task.key.namespace
        message.name = task.metadata.name
        message.taskUID = task.metadata.uid
        message.plan = task.spec.plan
        message.region = task.status.assignment?.region ?? ""
        message.attempt = task.status.attempt
        message.fence = task.status.fence
        message.timeout = task.spec.timeout
        message.killGrace = task.spec.killGrace
        message.exclusive = task.spec.exclusive
        message.stop = task.status.assignment?.stop
        message.run = task.spec.run
        let worker = task.status.assignment.flatMap {
            cache.workers[ObjectKey(.worker, task.key.namespace, $0.worker)]?.object
        }
        message.limits = limits(task.spec, of: worker?.spec.resources)
        // One that is being stopped needs nothing resolved.
        guard message.stop == nil else { return message }
        let outputs = { (name: String) -> [String: String]? in
            let key = ObjectKey(.task, task.key.namespace, TaskNames.object(plan: task.spec.plan, task: name))
            guard let other = cache.tasks[key]?.object, other.status.phase == .succeeded else { return nil }
            return other.status.outputs
        }
        message.run.command = try TaskEnvironment.command(task.spec.run, outputs: outputs)
        message.run.env = try task.spec.run.env.map { variable in
            var resolved = EnvironmentVariable()
            resolved.name = variable.name
            if let reference = variable.secretRef {
                resolved.value = try secret(reference, task.key.namespace, cache)
            } else {
                resolved.value = try TaskEnvironment.value(variable.value ?? "", outputs: outputs)
            }
            return resolved
        }
        return message
    }

    /// Of what a task asks of its worker, what it can be held to; what it does not name is bounded by what the worker
    /// has. A process shares all but the disk with its neighbours.
    static func limits(_ task: TaskSpec, of worker: Resources?) -> Requirements? {
        var limits = Requirements()
        limits.storage = task.requires.storage ?? worker?.storage
        guard task.run.image != nil else { return limits.storage == nil ? nil : limits }
        limits.cpu = task.requires.cpu ?? worker?.cpu
        limits.memory = task.requires.memory ?? worker?.memory
        limits.gpu = task.requires.gpu
        return limits
    }

    private struct MissingSecret: Error, CustomStringConvertible {
        let description: String
    }

    private static func secret(_ reference: SecretKeyReference, _ namespace: String, _ cache: Cache) throws -> String {
        guard let (tree, _) = cache.stored(ObjectKey(.secret, namespace, reference.name)) else {
            throw MissingSecret(description: "secret \(namespace)/\(reference.name) does not exist")
        }
        if let plain = tree["stringData"]?[reference.key]?.string { return plain }
        // try?: what is no base64 is no value; the error says which key.
        guard let encoded = tree["data"]?[reference.key]?.string, let bytes = try? Base64Bytes(tree: .string(encoded))
        else {
            throw MissingSecret(description: "secret \(namespace)/\(reference.name) has no key \(reference.key)")
        }
        return String(decoding: bytes.bytes, as: UTF8.self)
    }

    private static func unstartable(_ task: WorkTask, _ worker: String, _ why: String) -> TaskReport {
        TaskReport(
            task: task.key, taskUID: task.metadata.uid, workerUID: worker, attempt: task.status.attempt,
            fence: task.status.fence, sequence: 0, phase: .ended, startedAt: nil, finishedAt: nil, exitCode: nil,
            signal: nil, reason: .couldNotStart, message: why, outputs: [:])
    }

    static func report(_ report: AttemptReport, from worker: String) -> TaskReport {
        TaskReport(
            task: report.task, taskUID: report.taskUID, workerUID: worker, attempt: report.attempt, fence: report.fence,
            sequence: report.sequence, phase: report.phase == .running ? .running : .ended, startedAt: report.startedAt,
            finishedAt: report.finishedAt, exitCode: report.exitCode, signal: report.signal, reason: report.reason,
            message: report.message, outputs: report.outputs)
    }
}
