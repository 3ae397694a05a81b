import Model
import Ports
import Tree

/// The body of `POST /containers/create` for one attempt of a task. Pure: the same order gives the same body.
struct TaskContainer: Sendable {
    let order: ContainerOrder
    /// Of the engine's machine; 0 where it doesn't say.
    let processors: Int

    /// A guard needs a moment beyond what its task gets.
    private static let stopReserve: Int64 = 5

    func body() throws(ProviderError) -> Tree {
        var tree: Tree = [
            "Image": .string(order.image),
            "Hostname": .string(TaskLabels.name(uid: order.taskUID, attempt: order.attempt, of: 63)),
            "User": .string("\(order.user.user):\(order.user.group)"),
            "WorkingDir": .string(order.workingDirectory),
            // An entry point of ours makes the engine drop the image's own command.
            "Entrypoint": .array(order.command.map { .string($0) }),
            "Cmd": [],
            // A name alone takes the image's variable away: the first process is ours, and what the image means for
            // its program reaches that with the order.
            "Env": .array(order.withheld.sorted().map { .string($0) }),
            "Healthcheck": ["Test": ["NONE"]],
            "StopSignal": "SIGTERM",
            "StopTimeout": .int((order.stopGrace.milliseconds + 999) / 1000 + Self.stopReserve),
            "Labels": TaskLabels.tree(order),
        ]
        var host = try HostConfig.tree(
            network: order.network.engineName, cpu: order.limits.cpu, memory: order.limits.memory,
            gpu: order.limits.gpu,
            processors: processors)
        // How it ended is told by its guard. Where nobody is left to hear that, nobody is left to remove it either.
        host["AutoRemove"] = true
        host["Init"] = false
        host["Mounts"] = .array(
            order.mounts.map { mount in
                [
                    "Type": "bind", "Source": .string(mount.source), "Target": .string(mount.target),
                    "ReadOnly": .bool(mount.isReadOnly),
                ]
            })
        tree["HostConfig"] = host
        if order.network == .bridge { tree["NetworkingConfig"] = LinkLocal.keptFrom(order.network.engineName) }
        return tree
    }
}

extension RunSpec.Network {
    /// The engine's own words for it.
    fileprivate var engineName: String {
        switch self {
        case .bridge: "bridge"
        case .loopback: "none"
        }
    }
}

/// What marks a container as one of a task's attempt. The cluster is told by a label of its own, so that nobody takes
/// it for a worker.
struct TaskLabels: Sendable, Hashable {
    static let cluster = "reconcile.dev/tasks-of"
    static let workerUID = WorkerLabels.workerUID
    static let taskUID = "reconcile.dev/task-uid"
    static let attempt = "reconcile.dev/task-attempt"

    let clusterID: String
    let workerUID: String
    let taskUID: String
    let attempt: Int

    /// Nil: none of ours.
    init?(_ labels: Tree?) {
        guard let clusterID = labels?[Self.cluster]?.string, let workerUID = labels?[Self.workerUID]?.string,
            let taskUID = labels?[Self.taskUID]?.string,
            let attempt = labels?[Self.attempt]?.string.flatMap({ Int($0) })
        else { return nil }
        self.clusterID = clusterID
        self.workerUID = workerUID
        self.taskUID = taskUID
        self.attempt = attempt
    }

    static func tree(_ order: ContainerOrder) -> Tree {
        [
            cluster: .string(order.clusterID), workerUID: .string(order.workerUID), taskUID: .string(order.taskUID),
            attempt: .string(String(order.attempt)), "reconcile.dev/task": .string(order.title),
        ]
    }

    static func name(uid: String, attempt: Int, of length: Int = 253) -> String {
        String("reconcile-task-\(uid)-\(attempt)".prefix(length))
    }
}
