package import Model
package import Ports

/// What a guard is to run, given to it by a descriptor: the environment may hold secrets.
package struct GuardOrder: Structured {
    package var command: [String] = []
    /// All of it; `NAME=VALUE` each.
    package var environment: [String] = []
    package var workingDirectory = ""
    /// Where the log and the status go; empty where the agent keeps both.
    package var directory = ""
    /// Whose container it is in; nil on the machine itself.
    package var image: String?
    package var killGrace = Duration.seconds(10)
    /// Exclusive attempts only: how long one renewal lasts.
    package var lease: Duration?
    /// The boot clock, in nanoseconds, at the sending of the last acknowledged renewal.
    package var leaseFrom: Int?
    package var logLimit = 1 << 20
    /// What the task may reach; nil: all that this process may.
    package var confinement: TaskConfinement?

    package init() {}

    package static let shape = Shape<GuardOrder>(
        "The order of one guard.",
        .required("command", \.command, "Program and arguments."),
        .list("environment", \.environment, "The whole environment."),
        .required("workingDirectory", \.workingDirectory, "Where it starts."),
        .text("directory", \.directory, "Where log and status go."),
        .optional("image", \.image, "The image of its container."),
        .required("killGrace", \.killGrace, "From SIGTERM to SIGKILL."),
        .optional("lease", \.lease, "How long one renewal lasts."),
        .optional("leaseFrom", \.leaseFrom, "The instant of the first one."),
        .required("logLimit", \.logLimit, "Bytes of log kept."),
        .optional("confinement", \.confinement, "What the task may reach."))
}
