package import Model

/// Everything one placement round looks at. The order of the lists does not matter.
package struct RoundInput: Sendable {
    package var tasks: [PlacementTask] = []
    package var workers: [PlacementWorker] = []
    package var pools: [PlacementPool] = []
    package var regions: [PlacementRegion] = []
    package var plans: [PlacementPlan] = []
    /// The worker that RoundRobin chose last, as the round before returned it.
    package var cursor: ObjectKey?
    /// How far turns have come, as the round before returned it.
    package var turn = Duration.zero
    /// What `releases` of workers are beside.
    package var now = Timestamp(milliseconds: 0)

    package init() {}
}
