package import Model

/// A container for one attempt of a task. Its name follows from task and attempt, so that the engine itself refuses a
/// second one.
package struct ContainerOrder: Sendable, Hashable {
    /// Something of this machine that is seen inside.
    package struct Mount: Sendable, Hashable {
        package var source: String
        package var target: String
        package var isReadOnly: Bool

        package init(_ source: String, at target: String, isReadOnly: Bool) {
            self.source = source
            self.target = target
            self.isReadOnly = isReadOnly
        }
    }

    package var clusterID: String
    package var workerUID: String
    package var taskUID: String
    package var attempt: Int
    /// For people who look at the engine's containers, such as `shop/checkout#2`.
    package var title: String
    package var image: String
    /// Its first process; what the image says of its own is for that to start.
    package var command: [String]
    /// Made by the engine where the image lacks it.
    package var workingDirectory = "/"
    /// Names of variables that the image would set in that process.
    package var withheld: [String] = []
    package var user: ContainerUser.Account
    package var mounts: [Mount]
    /// `cpu`, `memory` and `gpu` count.
    package var limits: Requirements
    /// From SIGTERM to SIGKILL, where the engine itself stops it.
    package var stopGrace: Duration
    package var network = RunSpec.Network.bridge

    package init(
        clusterID: String, workerUID: String, taskUID: String, attempt: Int, title: String, image: String,
        command: [String], user: ContainerUser.Account, mounts: [Mount], limits: Requirements, stopGrace: Duration
    ) {
        self.clusterID = clusterID
        self.workerUID = workerUID
        self.taskUID = taskUID
        self.attempt = attempt
        self.title = title
        self.image = image
        self.command = command
        self.user = user
        self.mounts = mounts
        self.limits = limits
        self.stopGrace = stopGrace
    }
}

/// What an image says of its own program.
package struct ContainerImage: Sendable, Hashable {
    /// Entry point and arguments.
    package var command: [String]
    package var environment: [String: String]
    /// Nil where it names none.
    package var workingDirectory: String?

    package init(command: [String] = [], environment: [String: String] = [:], workingDirectory: String? = nil) {
        self.command = command
        self.environment = environment
        self.workingDirectory = workingDirectory
    }
}

/// As whom a container runs so that it reaches files of this machine, and whose those have to be.
package struct ContainerUser: Sendable, Hashable {
    package struct Account: Sendable, Hashable {
        package var user: Int
        package var group: Int

        package init(user: Int, group: Int) {
            self.user = user
            self.group = group
        }
    }

    /// As the container sees it.
    package var inside: Account
    /// The same one as this machine sees it.
    package var outside: Account

    package init(inside: Account, outside: Account) {
        self.inside = inside
        self.outside = outside
    }
}

/// Runs attempts as containers of one engine on this machine.
///
/// Guarantees: every verb may be repeated; `run` makes at most one container of a name at a time, and does not start
/// again what has been started; after `end` nothing of the container is alive, or left. What it did not make it leaves
/// alone, whatever its name. Errors say what to do; cancelling a call leaves its outcome unknown.
package protocol ContainerEngine: Sendable {
    /// Who a container should be for an agent that is `agent`.
    func user(for agent: ContainerUser.Account) async throws(ProviderError) -> ContainerUser
    /// Fetches the image where the engine lacks it.
    func image(_ name: String) async throws(ProviderError) -> ContainerImage
    /// Returns once it was started. It is gone by itself when its first process ends.
    func run(_ order: ContainerOrder) async throws(ProviderError)
    func end(clusterID: String, taskUID: String, attempt: Int) async throws(ProviderError)
    /// Whether it is there at all, starting or running.
    func isThere(clusterID: String, taskUID: String, attempt: Int) async throws(ProviderError) -> Bool
    /// Removes containers that were never started, or have ended: of this worker, and, where they are old, of all
    /// workers of the cluster.
    func clean(clusterID: String, workerUID: String) async throws(ProviderError)
}
