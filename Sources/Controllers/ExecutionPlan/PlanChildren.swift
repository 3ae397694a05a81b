import Engine
import Model
import Placement

/// The objects a plan stands for.
enum PlanChildren {
    static func tasks(of plan: ExecutionPlan) -> [WorkTask] {
        let weights = PlanGraph(plan.spec).weights(plan.spec, unknown: DurationEstimate.unknown.p50)
        return zip(plan.spec.allTasks, weights).map { listed, weight in
            let (entry, task) = listed
            var spec = spec(of: task, under: entry, in: plan)
            spec.urgency = weight.priority == task.priority ? nil : weight.priority
            spec.criticalPath = weight.path
            return WorkTask(
                metadata: metadata(plan, TaskNames.object(plan: plan.metadata.name, task: task.name), task: task.name),
                spec: spec)
        }
    }

    private static func spec(of task: PlanTask, under entry: PlanRegion?, in plan: ExecutionPlan) -> TaskSpec {
        let points = Set((plan.spec.synchronization?.points ?? []).map(\.name))
        var spec = TaskSpec()
        spec.plan = plan.metadata.name
        spec.task = task.name
        spec.title = task.title
        spec.region = entry?.region
        spec.pool = entry.map { $0.pool ?? TaskNames.pool(plan: plan.metadata.name, region: $0.region) }
        spec.orchestrator = entry?.orchestrator
        spec.run = task.run
        spec.requires = task.requires
        spec.dependsOn = task.dependsOn
        // This plan's points first, then a SyncPoint object of that name.
        spec.waitFor = task.waitFor.map {
            points.contains($0) ? TaskNames.syncPoint(plan: plan.metadata.name, point: $0) : $0
        }
        spec.runWhen = task.runWhen
        spec.outputs = task.outputs
        spec.priority = task.priority
        spec.timeout = task.timeout
        spec.retry = task.retry ?? plan.spec.faultTolerance.retry
        spec.exclusive = task.exclusive
        spec.killGrace = plan.spec.faultTolerance.killGrace
        spec.estimatedDuration = task.estimatedDuration
        return spec
    }

    static func syncPoints(of plan: ExecutionPlan) -> [SyncPoint] {
        guard let synchronization = plan.spec.synchronization else { return [] }
        return synchronization.points.map { point in
            var spec = SyncPointSpec()
            spec.plan = plan.metadata.name
            spec.participants =
                point.regions.map { region in participant { $0.region = region } }
                + point.plans.map { other in participant { $0.plan = other } }
                + point.externals.map { external in participant { $0.external = external } }
            spec.after = point.after
            spec.quorum = point.quorum
            spec.timeout = point.timeout
            spec.onTimeout = point.onTimeout
            spec.communication = synchronization.communication
            let name = TaskNames.syncPoint(plan: plan.metadata.name, point: point.name)
            return SyncPoint(metadata: metadata(plan, name), spec: spec)
        }
    }

    private static func participant(_ fill: (inout Participant) -> Void) -> Participant {
        var participant = Participant()
        fill(&participant)
        return participant
    }

    static func pools(of plan: ExecutionPlan) -> [WorkerPool] {
        plan.spec.regions.compactMap { entry in
            guard var spec = entry.poolTemplate else { return nil }
            spec.region = entry.region
            spec.healthCheck = spec.healthCheck ?? plan.spec.faultTolerance.healthCheck
            spec.budget = spec.budget ?? entry.budget
            let name = TaskNames.pool(plan: plan.metadata.name, region: entry.region)
            return WorkerPool(metadata: metadata(plan, name), spec: spec)
        }
    }

    private static func metadata(_ plan: ExecutionPlan, _ name: String, task: String? = nil) -> ObjectMeta {
        var metadata = ObjectMeta()
        metadata.name = name
        metadata.namespace = plan.metadata.namespace
        metadata.labels[Names.planLabel] = plan.metadata.name
        metadata.labels[Names.taskLabel] = task
        metadata.ownerReferences = [plan.ownerReference]
        return metadata
    }
}
