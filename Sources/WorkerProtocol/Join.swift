package import Model

/// A new agent asks to be a worker. The token is single-use, bound to the slot and valid for ten minutes at most (S14).
package struct JoinRequest: Structured, Hashable {
    package var token = BearerSecret("")
    package var workerUID = ""
    /// With `pid` it tells this agent's process from every other: only the process that used the token may ask again,
    /// because its answer was lost.
    package var bootID = ""
    package var pid = 0
    package var agentVersion = ""
    /// The version of the Engine API that its container engine speaks; absent where it has none.
    package var containerEngine: String?

    package init() {}
    package init(token: BearerSecret, workerUID: String, bootID: String, pid: Int, agentVersion: String) {
        self.token = token
        self.workerUID = workerUID
        self.bootID = bootID
        self.pid = pid
        self.agentVersion = agentVersion
    }

    package static let shape = Shape<JoinRequest>(
        "A new agent asks to be a worker.",
        .required("token", \.token, "The single-use join token."),
        .required("workerUID", \.workerUID, "The UID of the Worker it is.", .length(1...128), .rule(.plain)),
        .required("bootID", \.bootID, "The boot of its machine.", .length(1...128), .rule(.plain)),
        .required("pid", \.pid, "Its process.", .range(0...Int64(Int32.max))),
        .text("agentVersion", \.agentVersion, "Its release.", .length(0...64)),
        .optional(
            "containerEngine", \.containerEngine, "The API of its container engine.", .length(1...WireLimits.engine)))
}

/// The agent is the worker, and its lease runs from the sending of its request.
package struct JoinReply: Structured, Hashable {
    package var credential = BearerSecret("")
    package var worker = ""
    /// Between two renewals.
    package var renew = Duration.seconds(2)
    /// Silence after which the controller gives the worker up.
    package var lostAfter = Duration.seconds(12)
    package var epoch = 0

    package init() {}
    package init(credential: BearerSecret, worker: String, lease: LeaseSpec, epoch: Int) {
        self.credential = credential
        self.worker = worker
        renew = lease.renew
        lostAfter = lease.lostAfter
        self.epoch = epoch
    }

    package static let shape = Shape<JoinReply>(
        "The agent is the worker.",
        .required("credential", \.credential, "What it shows with every later request."),
        .required("worker", \.worker, "The Worker's name.", .length(1...253)),
        .required("renew", \.renew, "Between two renewals."),
        .required("lostAfter", \.lostAfter, "Silence after which the worker is given up."),
        .required("epoch", \.epoch, "The leader's epoch.", .range(0...Int64.max)))
}
