package import Engine
package import Model
package import Ports

/// Takes a worker from intent to gone: created once per slot and attempt, online while its lease is renewed, failed
/// on proof of death or on silence past its lease, released, and forgotten only when the provider confirms that
/// nothing of it is left.
package struct WorkerReconciler: Reconciler {
    package typealias Object = Worker

    /// What a decision about one worker looks at.
    package struct World: Sendable, Equatable {
        package var worker: Worker
        /// More workers may be asked for where it is.
        package var keepsSupplies = false
        package var poolExists: Bool
        package var drainDeadline: Duration
        package var lease: Lease?
        package var observation: Observation?
        package var call: CallState
        package var boundTasks: Int
        /// What its agent last said; nil where nothing was heard yet.
        var containerEngine: String??
        /// Its agent was told to end by somebody else.
        var isLeaving = false
        /// When it last had nothing left to start an attempt with.
        var exhaustedAt: Instant?
        /// How many attempts in a row it had nothing left to start with.
        var exhaustions = 0
        /// Why nothing may be made for it; looked at until something is.
        package var objection: WorkerAdmission.Objection?
        /// What it said that can't be true.
        package var misbehaviour: String?
        var silence: RegionSilence
        package var leadingSince: Instant
        package var settings: Settings
    }

    package init() {}

    package func decide(_ world: World, now: Moment) -> Decision<Worker> {
        var step = WorkerStep(world: world, now: now)
        step.run()
        return step.decision
    }
}
