package import Model

extension WorkerPoolSpec {
    /// A size between the bounds; where the minimum is above the maximum, that.
    package func bounded(_ size: Int) -> Int { min(max(size, minWorkers), max(minWorkers, maxWorkers)) }

    /// As large as the pool ever is: a fixed size is bounded too.
    package var largestSize: Int { bounded(autoscaling == nil ? replicas ?? maxWorkers : maxWorkers) }
}
