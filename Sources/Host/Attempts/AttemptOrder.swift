package import Model

/// One attempt to run, with everything resolved.
package struct AttemptOrder: Sendable, Hashable {
    /// An exclusive attempt lives only while it is renewed.
    package struct Lease: Sendable, Hashable {
        package var duration: Duration
        /// When the last acknowledged renewal was sent.
        package var from: Instant

        package init(duration: Duration, from: Instant) {
            self.duration = duration
            self.from = from
        }
    }

    package var name: AttemptName
    /// How the guard is called in a process list, e.g. `ecommerce/checkout-flow#2`.
    package var label: String
    /// Empty only with an image, whose own is run then.
    package var command: [String]
    /// The image of a container of its own; nil: a process beside the worker.
    package var image: String?
    /// What its container reaches.
    package var network = RunSpec.Network.bridge
    /// What it may use: `storage` counts, and of a container `cpu`, `memory` and `gpu` too.
    package var limits = Requirements()
    /// Goes before what the runner gives every task.
    package var environment: [String: String]
    /// Nil: the image's, and where there is none a fresh directory of the attempt. A relative one is taken from there.
    package var workingDirectory: String?
    package var killGrace: Duration
    package var lease: Lease?
    /// Bytes of standard output and error together that are kept.
    package var logLimit: Int

    package init(
        name: AttemptName, label: String = "", command: [String], environment: [String: String] = [:],
        workingDirectory: String? = nil, killGrace: Duration = .seconds(10), lease: Lease? = nil,
        logLimit: Int = 1 << 20
    ) {
        self.name = name
        self.label = label
        self.command = command
        self.environment = environment
        self.workingDirectory = workingDirectory
        self.killGrace = killGrace
        self.lease = lease
        self.logLimit = logLimit
    }
}
