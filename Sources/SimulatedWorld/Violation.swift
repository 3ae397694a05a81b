package import Model

/// A broken promise, by its name in the guarantees.
package struct Violation: Error, Sendable, Hashable, CustomStringConvertible {
    package enum Law: String, Sendable, Hashable, CaseIterable {
        case noDoubleCreate = "S1", boundedOvershoot = "S2", noLeak = "S3", noWrongfulDelete = "S4", fencing = "S5"
        case noTimeTravel = "S6", budget = "S8", oneResult = "S10", exclusive = "S11", syncPoint = "S12"
        case secrets = "S14", order = "S15", deletion = "S16", belief = "S18", meeting = "S23"
        case migration = "S17"
        case convergence = "L1", placement = "L3", rest = "L5", load = "L6", bounded = "L8"
        /// What the plan says and its tasks did make another end than the one recorded.
        case result = "result"
        /// S19: what people read is written for people.
        case text = "S19"
        /// A limit that a person set.
        case limit = "limit"
        /// What a person wrote is not what stands.
        case kept = "kept"
    }

    package let law: Law
    package let message: String
    package let at: Instant

    package var description: String { "\(law.rawValue) at \((at - .origin).text): \(message)" }
}
