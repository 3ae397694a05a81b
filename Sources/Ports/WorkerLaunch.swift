package import Model

/// What a worker is told at its start. It holds the join token, so it goes where nobody else reads it: over a
/// descriptor, or in a file that the worker takes away (S14).
package struct WorkerLaunch: Structured, Hashable {
    package var gateway = ""
    package var authority = ""
    package var joinToken = ""
    package var clusterID = ""
    package var workerUID = ""
    package var namespace = ""
    package var worker = ""
    package var region = ""
    package var pool = ""
    package var slot = 0
    package var attempt = 0
    package var directory = ""
    /// How a guard is started, where it can't be found beside the program.
    package var guardCommand: [String] = []
    package var env: [EnvironmentVariable] = []
    /// What its tasks may reach of its machine; absent where something else than the worker confines them.
    package var confinement: TaskConfinement?
    /// Where its machine's container engine may be, as `DOCKER_HOST` writes it; absent where it is to have none.
    package var containerEngine: String?

    package init() {}

    /// What follows from the request; where it joins and its directory are the provider's to add.
    package init(_ request: WorkerRequest) {
        joinToken = request.joinToken
        clusterID = request.clusterID
        workerUID = request.workerUID
        namespace = request.key.namespace
        worker = request.key.name
        region = request.region
        pool = request.pool
        slot = request.slot
        attempt = request.attempt
        env = request.spec.env.filter { $0.value != nil }
    }

    package static let shape = Shape<WorkerLaunch>(
        "What a worker is told at its start.",
        .required("gateway", \.gateway, "Where it joins, https://host:port."),
        .required("authority", \.authority, "Certificates, PEM, that the gateway's must come from."),
        .required("joinToken", \.joinToken, "Single use."),
        .required("clusterID", \.clusterID, "Whose worker it is."),
        .required("workerUID", \.workerUID, "The Worker object's uid."),
        .required("namespace", \.namespace, "The Worker object's namespace."),
        .required("worker", \.worker, "The Worker object's name."),
        .required("region", \.region, "Its region."),
        .required("pool", \.pool, "Its pool."),
        .required("slot", \.slot, "Its slot."),
        .required("attempt", \.attempt, "Its attempt."),
        .required("directory", \.directory, "Its own directory."),
        .list(
            "guardCommand", \.guardCommand, "The guard's program and arguments; absent, it stands beside the worker's."),
        .list("env", \.env, "What each of its tasks gets."),
        .optional("confinement", \.confinement, "What its tasks may reach of its machine."),
        .optional("containerEngine", \.containerEngine, "Where a container engine may be."))
}

/// What tasks may reach of the machine beside their own directories and what every program needs.
package struct TaskConfinement: Structured, Hashable {
    /// Not started where the kernel can't confine it.
    package var isRequired = false
    package var readable: [String] = []
    package var writable: [String] = []
    /// Never, whatever the others say: the controller's state.
    package var hidden: [String] = []
    /// The task's own, to write, wherever it lies.
    package var own: [String] = []
    /// It runs in a container, which bounds the rest: nothing but what is hidden is kept from it.
    package var isContained = false

    package init() {}

    package static let shape = Shape<TaskConfinement>(
        "What tasks may reach of the machine.",
        .always("required", \.isRequired, "Not started where the kernel can't confine it."),
        .list("readable", \.readable, "Files and directories to read and run."),
        .list("writable", \.writable, "Files and directories to write."),
        .list("hidden", \.hidden, "Never to be reached."),
        .list("own", \.own, "The task's own, wherever they lie."),
        .always("contained", \.isContained, "It runs in a container, which bounds the rest."))
}
