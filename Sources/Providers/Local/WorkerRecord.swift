import Model

/// Whose worker a directory is: written before the process is started, the provider's tag of it.
struct WorkerRecord: Structured, Hashable {
    var workerUID = ""
    var clusterID = ""
    var namespace = ""
    var worker = ""
    var region = ""
    var pool = ""
    var slot = 0
    var attempt = 0
    var epoch = 0
    var createdAt = Timestamp(milliseconds: 0)
    /// What keeps its tasks apart, in words.
    var isolation: String?

    init() {}

    static let shape = Shape<WorkerRecord>(
        "Whose worker this is.",
        .required("workerUID", \.workerUID, "The Worker object's uid."),
        .required("clusterID", \.clusterID, "The cluster it belongs to."),
        .required("namespace", \.namespace, "The Worker object's namespace."),
        .required("worker", \.worker, "The Worker object's name."),
        .required("region", \.region, "Its region."),
        .required("pool", \.pool, "Its pool."),
        .required("slot", \.slot, "Its slot."),
        .required("attempt", \.attempt, "Its attempt."),
        .required("epoch", \.epoch, "The leader's epoch that made it."),
        .required("createdAt", \.createdAt, "When it was made."),
        .optional("isolation", \.isolation, "What keeps its tasks apart."))
}

/// How a worker process ended, as far as anybody saw it.
struct ExitRecord: Structured, Hashable {
    var code: Int?
    var signal: Int?

    init() {}

    static let shape = Shape<ExitRecord>(
        "How a worker ended.",
        .optional("code", \.code, "If it exited."),
        .optional("signal", \.signal, "If a signal ended it."))
}

/// That the end of a worker was asked for: nothing is created under its uid from then on.
struct ReleaseRecord: Structured, Hashable {
    var bootID = ""
    /// The boot clock at the first time of asking, nanoseconds.
    var askedAt = 0

    init() {}

    static let shape = Shape<ReleaseRecord>(
        "That a worker was released.",
        .required("bootID", \.bootID, "The run of the machine."),
        .required("askedAt", \.askedAt, "When it was first asked for, on the boot clock."))
}
