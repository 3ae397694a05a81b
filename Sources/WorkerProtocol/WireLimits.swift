/// The bounds both ends keep.
package enum WireLimits {
    /// How long an exchange without news is held.
    package static let hold = Duration.seconds(30)
    /// Attempts one worker holds at a time.
    package static let attempts = 1024
    /// Reports in one exchange; the rest of a spool follows in the next.
    package static let reports = 64
    /// Bytes of outputs in the reports of one exchange.
    package static let outputBytes = 256 << 10
    /// Outputs of one attempt (api.md, Tasks).
    package static let outputs = 64
    package static let outputValue = 4 << 10
    package static let outputTotal = 32 << 10
    /// Letters of the version of a container engine.
    package static let engine = 32
    /// Letters of a message for people.
    package static let message = 1024
    /// Bytes of log in one chunk, and in all of one attempt.
    package static let chunk = 64 << 10
    package static let log = 4 << 20
}
