package import Model

/// A broken promise, by its name in the guarantees.
package struct Violation: Error, Sendable, Hashable, CustomStringConvertible {
    package enum Law: String, Sendable, Hashable {
        case noDoubleCreate = "S1", boundedOvershoot = "S2", noLeak = "S3", noWrongfulDelete = "S4", fencing = "S5"
        case noTimeTravel = "S6", oneResult = "S10", exclusive = "S11", syncPoint = "S12", order = "S15"
        case convergence = "L1", rest = "L5"
    }

    package let law: Law
    package let message: String
    package let at: Instant

    package var description: String { "\(law.rawValue) at \((at - .origin).text): \(message)" }
}
