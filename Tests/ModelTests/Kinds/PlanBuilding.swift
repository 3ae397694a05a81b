import Model

// Plans as short as a test's table wants them.

extension PlanTask {
    static func task(_ name: String, after: [String] = [], waits: [String] = []) -> PlanTask {
        var task = PlanTask()
        task.name = name
        task.run.command = ["true"]
        task.dependsOn = after
        task.waitFor = waits
        return task
    }

    func with(_ change: (inout PlanTask) -> Void) -> PlanTask {
        var copy = self
        change(&copy)
        return copy
    }
}

extension PlanRegion {
    static func region(_ name: String, _ tasks: PlanTask...) -> PlanRegion {
        var region = PlanRegion()
        region.region = name
        region.pool = "pool"
        region.tasks = tasks
        return region
    }
}

extension PlanPoint {
    static func point(_ name: String, _ regions: [String], after: [String] = []) -> PlanPoint {
        var point = PlanPoint()
        point.name = name
        point.regions = regions
        point.after = after
        return point
    }
}

extension ExecutionPlanSpec {
    static func plan(_ regions: PlanRegion..., tasks: [PlanTask] = [], points: [PlanPoint] = [])
        -> ExecutionPlanSpec
    {
        var spec = ExecutionPlanSpec()
        spec.regions = regions
        spec.tasks = tasks
        if !points.isEmpty {
            spec.synchronization = Synchronization()
            spec.synchronization?.points = points
        }
        return spec
    }

    var complaints: [String] { validate().map(\.description) }
}
