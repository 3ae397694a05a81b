package import Model
package import Ports

extension Engine {
    package struct Stats: Sendable, Hashable {
        package var reconciles = 0
        package var commits = 0
        package var conflicts = 0
        package var calls = 0
        /// Objects found to be written over and over with nothing new from outside.
        package var oscillations = 0
        /// Workers given up because they said what can't be true.
        package var misbehaviours = 0
        package init() {}
    }

    /// What the shell is asked to do. Everything with an id is answered exactly once.
    package enum Effect: Sendable {
        case commit(UInt64, Batch)
        /// Read these again, uncached, and hand them to `refreshed`.
        case refresh([ObjectKey])
        case call(UInt64, WorkerCall)
        case inventory(region: String, keepsSupplies: Bool)
        case releaseOrphan(region: String, Observation)
        case probe(endpoint: String)
        case removeBlobs(prefix: String)
        /// These reports are durable: the gateway may acknowledge them.
        case reportsHandled([TaskReport])
        case workerChanged(ObjectKey)
        /// The set of tasks on these workers may have changed.
        case assignmentsChanged([ObjectKey])
        /// Something that whoever runs the controller should know.
        case notice(String)
        /// The answer to `confirmLead`: the store knows of no later leader. False where it could not be asked.
        case leadConfirmed(Bool)
        /// Another controller leads, or the store is gone for good: stop.
        case stop(reason: String)
    }
}
