package import Model

/// What a worker process is told at its start, over a descriptor and nowhere else: it holds the join token (S14).
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
    package var env: [EnvironmentVariable] = []

    package init() {}

    package static let shape = Shape<WorkerLaunch>(
        "What a local worker is told at its start.",
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
        .list("env", \.env, "What each of its tasks gets."))
}
