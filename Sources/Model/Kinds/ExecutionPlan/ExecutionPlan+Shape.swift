import Tree

extension ExecutionPlan {
    package static let summary =
        "A graph of tasks with placement, budget and fault rules, run once to its end."
    package static let columns: [PrinterColumn] = [
        .init(
            "Phase", "string", ".status.phase",
            "Pending, Planning, Running, Blocked, Succeeded, Failed or Cancelled."),
        .init("Tasks", "string", ".status.summary.tasks", "Tasks that succeeded of all tasks."),
        .init("Running", "string", ".status.summary.running", "Tasks that run now."),
        .init("Cost", "string", ".status.summary.cost", "Spent so far, in USD."),
        .init(
            "ETA", "string", ".status.estimatedCompletion.p50",
            "When the plan will be done, as likely as not."),
        .init("Age", "date", ".metadata.creationTimestamp", "Time since creation."),
        .init("Reason", "string", ".status.reason", "Why it is in this phase, in one word.", wide: true),
        .init("Message", "string", ".status.message", "Why it is in this phase, in a sentence.", wide: true),
    ]
}

extension ExecutionPlanSpec {
    package static let shape = Shape<ExecutionPlanSpec>(
        "The work to do, at most 2,000 tasks, and the rules to do it by.",
        .optional(
            "coordinator", \.coordinator,
            "The region whose coordinator leads the plan; absent, the master's.", .label),
        .defaulted("suspend", \.suspend, "Starts nothing new while true; what runs goes on."),
        .defaulted(
            "cancel", \.cancel,
            "Ends the plan: running tasks are stopped, waiting ones Cancelled. Can't be undone."),
        .defaulted("scheduling", \.scheduling, "How tasks are placed."),
        .list("regions", \.regions, "Work by region.", .items(upTo: 64), .map(by: "region")),
        .list(
            "tasks", \.tasks, "Tasks with no region: the scheduler places them.", .items(upTo: 2000),
            .map(by: "name")),
        .optional("synchronization", \.synchronization, "Where regions wait for each other."),
        .defaulted("faultTolerance", \.faultTolerance, "What happens when things fail."),
        .optional("budget", \.budget, "Caps on spending of the whole plan."),
        .defaulted("scaling", \.scaling, "Auto lets the plan scale its pools; Manual only recommends."))
}

extension Scheduling {
    package static let shape = Shape<Scheduling>(
        "How tasks are placed.",
        .defaulted(
            "algorithm", \.algorithm,
            "Which feasible worker wins: the next in turn, the least loaded, the best value."
        ),
        .optional(
            "maxConcurrentTasks", \.maxConcurrentTasks,
            "The most tasks of the plan that run at once; absent, as many as slots.", .range(1...10_000)),
        .optional(
            "timeout", \.timeout,
            "The longest the whole plan may take, from its start, time suspended left out; absent, any time."),
        .optional(
            "cleanupTimeout", \.cleanupTimeout,
            "How long tasks with runWhen Always may still run after the plan's timeout or cancel; absent, 5m."),
        .defaulted(
            "maxRegions", \.maxRegions, "The most regions that tasks without a region are spread over.",
            .range(1...64)),
        .defaulted("weights", \.weights, "What counts how much when regions are compared."))
}

extension Weights {
    package static let shape = Shape<Weights>(
        "What counts how much when regions are compared; only the proportions matter.",
        .defaulted("latency", \.latency, "Weight of a short round trip.", .range(0...1000)),
        .defaulted("cost", \.cost, "Weight of a low price.", .range(0...1000)),
        .defaulted(
            "availability", \.availability, "Weight of a place that works most of the time.", .range(0...1000)
        ))
}

extension PlanRegion {
    package static let shape = Shape<PlanRegion>(
        "The plan's work in one region, and the workers for it.",
        rules: [
            Schema.Rule(
                "has(self.pool) != has(self.poolTemplate)", "exactly one of pool, poolTemplate must be set"
            ) {
                entry, _ in (entry["pool"] != nil) != (entry["poolTemplate"] != nil)
            }
        ],
        .required(
            "region", \.region, "Name of the Region; waits with RegionNotFound until it exists.", .label),
        .optional(
            "orchestrator", \.orchestrator, "Who answers for this part, in words; shown.", .length(1...253)),
        .optional(
            "pool", \.pool, "A WorkerPool in the same namespace; waits with PoolNotFound until it exists.",
            .label),
        .optional(
            "poolTemplate", \.poolTemplate,
            "A WorkerPool's spec without `region`: the pool is made and ended with the plan.",
            .without("region")),
        .optional("budget", \.budget, "Caps on spending of the plan's work in this region."),
        .list(
            "externals", \.externals, "Things outside that must be there before the tasks start.",
            .items(upTo: 32),
            .map(by: "name")),
        .list("tasks", \.tasks, "Tasks that run here.", .items(upTo: 2000), .map(by: "name")))
}

extension External {
    package static let shape = Shape<External>(
        "A thing outside that must be there: checked, gating, reported, never created.",
        .required("name", \.name, "Its name in messages.", .label),
        .defaulted("type", \.type, "What it is; shown."),
        .optional(
            "endpoint", \.endpoint,
            "Where to check it: tcp://HOST:PORT, http://… or https://…; absent, it is only shown.",
            .length(1...2048)),
        .optional("nodes", \.nodes, "How many nodes it has; shown.", .range(0...1_000_000)))
}

extension PlanTask {
    package static let shape = Shape<PlanTask>(
        "One unit of work.",
        .required("name", \.name, "Name, unique in the whole plan.", .label),
        .optional("title", \.title, "Its name for people.", .length(1...253)),
        .required("run", \.run, "What to execute."),
        .defaulted("requires", \.requires, "What it asks of worker and region."),
        .list(
            "dependsOn", \.dependsOn, "Tasks of the plan, in any region, that come first.", .items(upTo: 256),
            .eachLabel,
            .set),
        .list(
            "waitFor", \.waitFor,
            "Sync points that must open first: this plan's points, else SyncPoint objects.",
            .items(upTo: 64), .eachName, .set),
        .defaulted(
            "runWhen", \.runWhen,
            "Which end of the dependencies starts it: all Succeeded, any Failed, or Always."),
        .list(
            "outputs", \.outputs,
            "Keys of the values it writes to the file $RECONCILE_OUTPUT as KEY=VALUE lines.",
            .items(upTo: 64), .each(1...63), .set),
        .defaulted(
            "priority", \.priority, "Higher goes first under `algorithm: Priority`, and where others tie.",
            .range(-1_000_000...1_000_000)),
        .optional("timeout", \.timeout, "The longest one attempt may run; then it is stopped as TimedOut."),
        .optional(
            "retry", \.retry, "How failures are tried again; absent, the plan's `faultTolerance.retry`."),
        .defaulted(
            "exclusive", \.exclusive,
            "Attempts never overlap: the next starts only when the last is proven gone."),
        .optional(
            "estimatedDuration", \.estimatedDuration, "How long it takes, for estimates of time and cost."))
}

extension Synchronization {
    package static let shape = Shape<Synchronization>(
        "Where regions wait for each other.",
        .defaulted("communication", \.communication, "How arrivals and releases are told, for all points."),
        .list(
            "points", \.points, "Each becomes a SyncPoint called PLAN-POINT.", .items(upTo: 64),
            .map(by: "name")))
}

extension PlanPoint {
    package static let shape = Shape<PlanPoint>(
        "A barrier of the plan.",
        .required("name", \.name, "Name, unique in the plan; what `waitFor` says.", .label),
        .list(
            "regions", \.regions, "Regions of the plan that must arrive.", .items(upTo: 64), .eachLabel, .set),
        .list(
            "plans", \.plans, "Other plans in the namespace that must have succeeded.", .items(upTo: 16),
            .eachLabel, .set),
        .list(
            "externals", \.externals, "Parties outside that must arrive.", .items(upTo: 16), .eachLabel, .set),
        .list(
            "after", \.after,
            "Tasks that must succeed before their region arrives; empty: all its tasks that do not wait here.",
            .items(upTo: 2000), .eachLabel, .set),
        .defaulted("quorum", \.quorum, "How many parties open the point; 0 means all.", .range(0...100)),
        .defaulted("timeout", \.timeout, "How long to wait from the first arrival; 0s means for ever."),
        .defaulted(
            "onTimeout", \.onTimeout,
            "At the timeout: Hold waits on, Fail fails what waits, Continue opens without the missing."
        ))
}
