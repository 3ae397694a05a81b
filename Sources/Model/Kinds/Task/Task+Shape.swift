import Tree

extension WorkTask {
    package static let summary = "One unit of work of a plan, with its attempts. Made by an ExecutionPlan."
    package static let columns: [PrinterColumn] = [
        .init("Region", "string", ".status.assignment.region", "Where it runs or ran."),
        .init("Worker", "string", ".status.assignment.worker", "The worker it runs or ran on."),
        .init(
            "Phase", "string", ".status.phase",
            "Pending, Assigned, Running, Succeeded, Failed, TimedOut or Cancelled."),
        .init("Attempt", "integer", ".status.attempt", "The number of the current attempt."),
        .init("Age", "date", ".metadata.creationTimestamp", "Time since creation."),
        .init("Plan", "string", ".spec.plan", "The plan it belongs to.", wide: true),
        .init("Started", "date", ".status.startedAt", "When the current attempt began to run.", wide: true),
        .init("Reason", "string", ".status.reason", "Why it is in this phase, in one word.", wide: true),
        .init("Message", "string", ".status.message", "Why it is in this phase, in a sentence.", wide: true),
    ]
}

extension TaskSpec {
    package static let shape = Shape<TaskSpec>(
        "The work, as the plan's controller wrote it once; the assignment is in status.",
        rules: [
            Schema.Rule("self == oldSelf", "spec is immutable: change the ExecutionPlan instead") {
                new, old in
                old == nil || new == old
            }
        ],
        .required("plan", \.plan, "The ExecutionPlan it belongs to, in the same namespace.", .label),
        .required("task", \.task, "Its name within the plan.", .label),
        .optional("title", \.title, "Its name for people.", .length(1...253)),
        .optional(
            "region", \.region, "The region the plan lists it under; absent, the scheduler places it.", .label
        ),
        .optional("pool", \.pool, "The pool whose workers it runs on; absent, any of the region.", .label),
        .optional(
            "orchestrator", \.orchestrator, "Who answers for its region in the plan, in words.",
            .length(1...253)),
        .required("run", \.run, "What to execute."),
        .defaulted("requires", \.requires, "What it asks of worker and region."),
        .list(
            "dependsOn", \.dependsOn, "Tasks of the plan that come first.", .items(upTo: 2_000), .eachLabel,
            .set),
        .list(
            "waitFor", \.waitFor, "SyncPoint objects that must open first, already resolved.",
            .items(upTo: 64), .eachName,
            .set),
        .defaulted(
            "runWhen", \.runWhen,
            "Which end of the dependencies starts it: all Succeeded, any Failed, or Always."),
        .list(
            "outputs", \.outputs, "Keys of the values it writes to the file $RECONCILE_OUTPUT.",
            .items(upTo: 64),
            .each(1...63), .set),
        .defaulted(
            "priority", \.priority, "Higher goes first under `algorithm: Priority`, and where others tie.",
            .range(-1_000_000...1_000_000)),
        .optional("timeout", \.timeout, "The longest one attempt may run; then it is stopped as TimedOut."),
        .defaulted("retry", \.retry, "How often and how fast failures are tried again."),
        .defaulted(
            "exclusive", \.exclusive,
            "Attempts never overlap: the next starts only when the last is proven gone."),
        .defaulted("killGrace", \.killGrace, "Between SIGTERM and SIGKILL when an attempt is stopped."),
        .optional(
            "estimatedDuration", \.estimatedDuration, "How long it takes, for estimates of time and cost."),
        .optional(
            "urgency", \.urgency,
            "The highest priority among the task and all that wait for it; absent where that is its own.",
            .range(-1_000_000...1_000_000)),
        .optional(
            "criticalPath", \.criticalPath,
            "The longest chain of tasks that begins with it, in time: among equals the longest goes first."))
}

extension RunSpec {
    package static let shape = Shape<RunSpec>(
        "What to execute.",
        rules: [
            Schema.Rule(
                "(has(self.command) && size(self.command) > 0) || has(self.image)",
                "a command is needed, such as [sh, -c, make], or an image whose own is run"
            ) { new, _ in new["command"]?.array?.isEmpty == false || new["image"]?.string != nil },
            Schema.Rule(
                "!has(self.network) || has(self.image)",
                "network is that of a container: name its image, or leave network out"
            ) { new, _ in new["network"]?.string == nil || new["image"]?.string != nil },
        ],
        .list(
            "command", \.command,
            "Program and arguments, in place of the image's own; no shell reads them unless the first word is one.",
            .items(upTo: 256), .each(0...32768)),
        .list(
            "env", \.env, "Environment variables, over those of the worker.", .items(upTo: 100),
            .map(by: "name")),
        .optional(
            "workingDirectory", \.workingDirectory,
            "Directory to run in; absent, the image's own, and where there is none a fresh one for each attempt.",
            .length(1...4096)),
        .optional(
            "image", \.image,
            "Image of a container for the task alone, on a worker that has a container engine; absent, a process.",
            .length(1...1024)),
        .optional(
            "network", \.network,
            "Bridge, or absent: what the engine's machine reaches, a cloud's metadata address too. None: itself alone."
        ))
}

extension RetryPolicy {
    package static let shape = Shape<RetryPolicy>(
        "How failures are tried again. An end by our own fault (worker lost, preempted) never counts.",
        .defaulted("limit", \.limit, "Failures that are tried again; 0 fails at once.", .range(0...100)),
        .defaulted("backoff", \.backoff, "How long to wait before the next attempt."))
}

extension Backoff {
    package static let shape = Shape<Backoff>(
        "Waits that grow from failure to failure.",
        .defaulted("initial", \.initial, "Before the first retry."),
        .defaulted("factor", \.factor, "By which each wait exceeds the one before.", .range(1...10)),
        .defaulted("max", \.max, "The longest wait."))
}

extension Requirements {
    package static let shape = Shape<Requirements>(
        "What a task asks of worker and region; each member alone can make it infeasible.",
        .list(
            "capabilities", \.capabilities, "Capabilities the worker must have, all of them.",
            .items(upTo: 64), .each(1...63),
            .set),
        .optional("cpu", \.cpu, "Processor cores, such as 500m."),
        .optional("memory", \.memory, "Memory in bytes, such as 256Mi."),
        .optional("storage", \.storage, "Disk in bytes, such as 10Gi."),
        .optional("networkMbps", \.networkMbps, "Network in megabits a second.", .range(0...10_000_000)),
        .optional("gpu", \.gpu, "Graphics processors."),
        .optional(
            "latency", \.latency, "Low asks for a region of at most 30ms; Standard, or absence, for none."),
        .list(
            "regulations", \.regulations,
            "Regimes the region must satisfy, all of them; they also keep logs and outputs in a lawful region.",
            .items(upTo: 32), .each(1...63), .set),
        .optional("dataLocality", \.dataLocality, "Where its data lies: it runs there and nowhere else."),
        .optional("maxCostPerHour", \.maxCostPerHour, "The most its worker may cost, in USD an hour."),
        .optional("regions", \.regions, "Regions it may or may not run in."))
}

extension DataLocality {
    package static let shape = Shape<DataLocality>(
        "Where a task's data lies.",
        .optional("dataset", \.dataset, "The data's name, for messages.", .length(1...253)),
        .list("regions", \.regions, "Regions that hold the data.", .items(upTo: 64), .eachLabel, .set))
}

extension RegionFilter {
    package static let shape = Shape<RegionFilter>(
        "Regions a task may or may not run in.",
        .list("include", \.include, "Only these; empty means all.", .items(upTo: 64), .eachLabel, .set),
        .list(
            "exclude", \.exclude, "None of these, even where `include` names them.", .items(upTo: 64),
            .eachLabel, .set))
}
