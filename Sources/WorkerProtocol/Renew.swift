package import Model

/// The sign of life of a worker.
package struct RenewRequest: Structured, Hashable {
    package var workerUID = ""
    package var incarnation = 0
    /// Rises with every renewal of an incarnation: a copy that comes late prolongs nothing.
    package var number = 0
    /// The highest epoch the agent has seen.
    package var epoch = 0

    package init() {}
    package init(workerUID: String, incarnation: Int, number: Int, epoch: Int) {
        self.workerUID = workerUID
        self.incarnation = incarnation
        self.number = number
        self.epoch = epoch
    }

    package static let shape = Shape<RenewRequest>(
        "The sign of life of a worker.",
        .required("workerUID", \.workerUID, "The worker.", .length(1...128), .rule(.plain)),
        .required("incarnation", \.incarnation, "The start of its agent.", .range(1...1 << 20)),
        .required("number", \.number, "Rises with every renewal.", .range(1...Int64.max)),
        .required("epoch", \.epoch, "The highest epoch it has seen.", .range(0...Int64.max)))
}

package struct RenewReply: Structured, Hashable {
    package var epoch = 0
    /// False: the worker is given up, and its agent ends what it runs.
    package var known = true

    package init() {}
    package init(epoch: Int, known: Bool) {
        self.epoch = epoch
        self.known = known
    }

    package static let shape = Shape<RenewReply>(
        "The lease runs on from the sending of the request.",
        .required("epoch", \.epoch, "The leader's epoch.", .range(0...Int64.max)),
        .required("known", \.known, "Whether the worker still exists."))
}
