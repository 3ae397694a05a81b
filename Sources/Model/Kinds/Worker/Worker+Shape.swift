extension Worker {
    package static let summary =
        "One pod, container, VM, serverless instance, process or device that runs the agent."
    package static let columns: [PrinterColumn] = [
        .init("Pool", "string", ".spec.pool", "The pool it belongs to."),
        .init("Region", "string", ".spec.region", "Where it is."),
        .init("Backend", "string", ".spec.backend", "The provider's service that made it."),
        .init(
            "State", "string", ".status.state",
            "Provisioning, Online, Busy, Maintenance, Draining, Offline or Failed."),
        .init("Tasks", "integer", ".status.tasks", "Tasks assigned or running now."),
        .init("Load", "string", ".status.summary.load", "Used slots of all slots."),
        .init("Health", "string", ".status.summary.health", "0 to 100, with what lowered it."),
        .init("Cost/h", "string", ".status.summary.cost", "What it costs in USD an hour."),
        .init("Age", "date", ".metadata.creationTimestamp", "Time since creation."),
        .init("Instance", "string", ".spec.instanceType", "Its instance type.", wide: true),
        .init("Provider ID", "string", ".status.providerID", "What the provider calls it.", wide: true),
    ]
}

extension WorkerSpec {
    package static let shape = Shape<WorkerSpec>(
        "The durable intent: written before anything is created, and what names whatever is created.",
        .required("pool", \.pool, "The WorkerPool it belongs to, in the same namespace.", .label, .immutable),
        .required("region", \.region, "The Region it is in.", .label, .immutable),
        .required(
            "slot", \.slot, "The place in the pool it fills, from 0.", .range(0...1_000_000), .immutable),
        .defaulted(
            "attempt", \.attempt, "Which try at filling the slot; numbers are never reused.",
            .range(1...Constraint.largestCount),
            .immutable),
        .defaulted("type", \.type, "Local process, virtual machine, container or edge device."),
        .defaulted("backend", \.backend, "The provider's service that makes it."),
        .optional("instanceType", \.instanceType, "The instance type chosen.", .length(1...63)),
        .list(
            "capabilities", \.capabilities,
            "What it can do; a task runs only where all it requires is listed.",
            .items(upTo: 64), .each(1...63), .set),
        .defaulted(
            "maxConcurrentTasks", \.maxConcurrentTasks, "Slots: how many tasks it runs at once.",
            .range(1...1000)),
        .defaulted("resources", \.resources, "What tasks may use, all of it."),
        .defaulted("price", \.price, "What it costs."),
        .optional("image", \.image, "Container or machine image the agent runs in.", .length(1...1024)),
        .list(
            "env", \.env, "Environment variables of the worker and its tasks.", .items(upTo: 100),
            .map(by: "name")),
        .list("labels", \.labels, "Tags where the provider has them.", .items(upTo: 64), .each(0...63)),
        .optional("healthCheck", \.healthCheck, "Probes that lower its health.", .notYet),
        .defaulted("lease", \.lease, "How often it reports, and after what silence it counts as lost."),
        .defaulted(
            "drainDeadline", \.drainDeadline,
            "How long its tasks may still run once it drains, before they move."),
        .defaulted(
            "maintenance", \.maintenance,
            "Takes no new tasks, then drains by `drainDeadline`. The one field people set."))
}

extension WorkerStatus {
    package static let shape = Shape<WorkerStatus>(
        "The worker as it was last observed.",
        .optional(
            "observedGeneration", \.observedGeneration,
            "The `metadata.generation` this status was computed from.",
            .counter),
        .list("conditions", \.conditions, [Condition].fieldDescription, .items(upTo: 32), .map(by: "type")),
        .always("state", \.state, "What it is doing; only Online and Busy workers take tasks."),
        .always("tasks", \.tasks, "Tasks assigned or running now.", .range(0...1_000_000)),
        .always("health", \.health, "0 to 100; falls with failed probes and late reports.", .range(0...100)),
        .optional("healthReason", \.healthReason, "What lowered `health`.", .length(0...1024)),
        .optional("epoch", \.epoch, "The leader's epoch under which it was created.", .counter),
        .optional(
            "providerID", \.providerID, "What the provider calls it, such as process:BOOT-ID/PID/START.",
            .length(0...1024)),
        .optional("address", \.address, "Where it can be reached, as the provider says.", .length(0...253)),
        .optional(
            "containerEngine", \.containerEngine,
            "Version of the Engine API of its container engine, for tasks with `run.image`; absent where it has none.",
            .length(1...32)),
        .optional(
            "isolation", \.isolation,
            "What keeps its tasks from the controller's state and the machine's other processes; absent, not yet known.",
            .length(1...253)),
        .optional("createdAt", \.createdAt, "When the provider was first asked to create it."),
        .optional("onlineAt", \.onlineAt, "When its agent first reported."),
        .optional("drainSince", \.drainSince, "When it began to drain."),
        .optional(
            "lastSeen", \.lastSeen, "The last report seen; written at most once in a while, not for each."),
        .optional("failure", \.failure, "Why it failed."),
        .always(
            "gone", \.gone, "True once the provider confirmed that nothing of this attempt is alive."),
        .optional("summary", \.summary, "Preformatted strings for the columns of `get`."))
}

extension FailureRecord {
    package static let shape = Shape<FailureRecord>(
        "How a worker failed.",
        .always("reason", \.reason, "The cause in one word.", .length(0...1024)),
        .always("message", \.message, "The cause in a sentence.", .length(0...32768)),
        .optional("at", \.at, "When it was noticed."),
        .optional(
            "exitCode", \.exitCode, "Exit code of its process, where one was seen.", .range(-1024...1024)),
        .always("proven", \.proven, "Whether the death was seen (an exit), or only presumed from silence."))
}

extension WorkerSummary {
    package static let shape = Shape<WorkerSummary>(
        "Preformatted strings for the columns.",
        .always("load", \.load, "Used slots of all slots, such as 1/4.", .length(0...63)),
        .always("cost", \.cost, "USD an hour, such as $0.04.", .length(0...63)),
        .always("health", \.health, "Health, with what lowered it.", .length(0...253)))
}
