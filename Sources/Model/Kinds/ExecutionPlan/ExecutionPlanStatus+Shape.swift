extension ExecutionPlanStatus {
    package static let shape = Shape<ExecutionPlanStatus>(
        "The plan as it was last observed.",
        .optional(
            "observedGeneration", \.observedGeneration,
            "The `metadata.generation` this status was computed from.",
            .counter),
        .list("conditions", \.conditions, [Condition].fieldDescription, .items(upTo: 32), .map(by: "type")),
        .optional(
            "executionID", \.executionID, "Names the run: the same however often the same object is applied.",
            .length(0...253)),
        .always(
            "phase", \.phase, "Pending, Planning, Running or Blocked, then Succeeded, Failed or Cancelled."),
        .optional("reason", \.reason, "Why it is in this phase, in one word.", .length(0...1024)),
        .optional("message", \.message, "Why it is in this phase, in a sentence.", .length(0...32768)),
        .optional("startedAt", \.startedAt, "When the first task could start."),
        .optional("finishedAt", \.finishedAt, "When the plan ended."),
        .optional("suspendedAt", \.suspendedAt, "Since when it is suspended: its time limit stands still."),
        .optional("suspendedFor", \.suspendedFor, "How long it was suspended before, which its time limit leaves out."),
        .optional("endingSince", \.endingSince, "Since when it is being ended, by a cancel or its timeout."),
        .optional(
            "endingReason", \.endingReason, "By what it is being ended: Cancelled or TimedOut.", .length(0...1024)),
        .optional(
            "specHash", \.specHash,
            "Of what it is to do, without suspend and cancel: an ended plan runs again when this changes.",
            .length(0...63)),
        .always("counts", \.counts, "How many tasks are in each phase."),
        .list(
            "regions", \.regions, "The plan's regions, with their scores.", .items(upTo: 64),
            .map(by: "region")),
        .optional("placement", \.placement, "The workers chosen."),
        .optional("estimatedCompletion", \.estimatedCompletion, "When the plan will be done."),
        .always("cost", \.cost, "What the plan costs."),
        .list("risk", \.risk, "What could go wrong, with numbers.", .items(upTo: 16), .map(by: "name")),
        .list("recoveries", \.recoveries, "The last ten recoveries from lost workers.", .items(upTo: 10)),
        .list(
            "externals", \.externals, "Whether the things outside are there.", .items(upTo: 256),
            .map(by: "region", "name")),
        .optional("summary", \.summary, "Preformatted strings for the columns of `get`."),
        .optional(
            "lastHandledReconcileAt", \.lastHandledReconcileAt,
            "The last value of the annotation reconcile.dev/requested-at that was acted on.", .length(0...253)
        ))
}

extension TaskCounts {
    package static let shape = Shape<TaskCounts>(
        "How many tasks are in each phase.",
        .always("total", \.total, "All tasks of the plan.", .range(0...100_000)),
        .always("pending", \.pending, "Not yet assigned.", .range(0...100_000)),
        .always("assigned", \.assigned, "Bound to a worker, not yet running.", .range(0...100_000)),
        .always("running", \.running, "Running.", .range(0...100_000)),
        .always("succeeded", \.succeeded, "Ended well.", .range(0...100_000)),
        .always("failed", \.failed, "Ended in failure, retries used up.", .range(0...100_000)),
        .always("timedOut", \.timedOut, "Stopped for being late.", .range(0...100_000)),
        .always(
            "cancelled", \.cancelled, "Stopped or never started, because the plan or a dependency ended.",
            .range(0...100_000)),
        .count("skipped", \.skipped, "Not needed: they run only where something fails.", .range(0...100_000)))
}

extension PlanRegionStatus {
    package static let shape = Shape<PlanRegionStatus>(
        "One region's part in the plan.",
        .required("region", \.region, "Name of the Region.", .length(1...253)),
        .always("tasks", \.tasks, "Tasks listed or placed here.", .range(0...100_000)),
        .always("running", \.running, "Of these, running.", .range(0...100_000)),
        .always("succeeded", \.succeeded, "Of these, ended well.", .range(0...100_000)),
        .optional("score", \.score, "A decimal, higher is better.", .length(0...63)),
        .optional(
            "terms", \.terms, "How the score comes about: each term times its weight.", .length(0...1024)),
        .always("cost", \.cost, "The shares of the tasks here in their workers' price so far, in USD."),
        .always("ratePerHour", \.ratePerHour, "What is rented here for the plan costs so much an hour, in USD."),
        .optional("accrual", \.accrual, "The part of the bill that is this region's, as of when its rate last changed.")
    )
}

extension PlanPlacement {
    package static let shape = Shape<PlanPlacement>(
        "The workers chosen.",
        .always("strategy", \.strategy, "The scheduling algorithm that chose."),
        .list(
            "workers", \.workers, "Workers that run or ran tasks of the plan.", .items(upTo: 1000),
            .each(1...253), .set))
}

extension CompletionEstimate {
    package static let shape = Shape<CompletionEstimate>(
        "When the plan will be done.",
        .optional("p50", \.p50, "As likely before as after."),
        .optional("p90", \.p90, "Before this in nine cases of ten."))
}

extension PlanCost {
    package static let shape = Shape<PlanCost>(
        "What the plan costs, in USD.",
        .always(
            "ratePerHour", \.ratePerHour, "What is rented for it costs so much an hour: idle and starting workers too."),
        .always(
            "accrued", \.accrued,
            "The bill so far: start-up, work and idle time until the release. It was counted at `accrual.asOf`."),
        .optional("accrual", \.accrual, "The bill so far, with what of it is today's and when it was counted."),
        .always("share", \.share, "Of the bill, what its tasks occupied of their workers, by slots and time."),
        .always("estimatedTotal", \.estimatedTotal, "What the bill will be at its end."),
        .optional(
            "savingsPercent", \.savingsPercent, "Saved against `baseline`, in percent; negative if dearer.",
            .range(-1_000_000...100)),
        .optional(
            "baseline", \.baseline, "What the savings are measured against, in a sentence.", .length(0...1024)
        ))
}

extension RiskRecord {
    package static let shape = Shape<RiskRecord>(
        "Something that could go wrong.",
        .required("name", \.name, "What, in one word.", .length(1...63)),
        .always("level", \.level, "Low, Medium or High.", .length(0...63)),
        .always("message", \.message, "What, with numbers, in a sentence.", .length(0...1024)))
}

extension RecoveryRecord {
    package static let shape = Shape<RecoveryRecord>(
        "What happened after a worker was lost, with measured times.",
        .always("worker", \.worker, "The lost Worker's name.", .length(0...253)),
        .text("workerUID", \.workerUID, "The lost Worker's UID.", .length(0...128)),
        .text("region", \.region, "The region it was in.", .length(0...253)),
        .text("reason", \.reason, "How it was lost, in one word.", .length(0...1024)),
        .optional("lastSeen", \.lastSeen, "Its last sign of life."),
        .optional("detected", \.detected, "When the loss was detected."),
        .optional("fenced", \.fenced, "When reports of its attempts were refused from."),
        .optional("rescheduled", \.rescheduled, "When the last of its tasks had another worker."),
        .optional("running", \.running, "When the last of its tasks ran again."),
        .optional(
            "downtimeSeconds", \.downtimeSeconds, "From `lastSeen` to `running`, in seconds as a decimal.",
            .length(0...32)),
        .list("tasks", \.tasks, "The tasks that moved.", .items(upTo: 1000), .each(1...253)),
        .list("regions", \.regions, "Where they went.", .items(upTo: 64), .each(1...253)),
        .always("cost", \.cost, "What the lost attempts had cost, in USD."))
}

extension ExternalStatus {
    package static let shape = Shape<ExternalStatus>(
        "Whether a thing outside is there.",
        .required("name", \.name, "Its name.", .length(1...253)),
        .required("region", \.region, "The plan's region that needs it.", .length(1...253)),
        .always("available", \.available, "Whether the last check succeeded."),
        .always("state", \.state, "The same, or Unknown where nothing was checked."),
        .always("message", \.message, "What the last check said.", .length(0...1024)))
}

extension PlanSummary {
    package static let shape = Shape<PlanSummary>(
        "Preformatted strings for the columns.",
        .always("tasks", \.tasks, "Tasks that succeeded of all tasks, such as 3/9.", .length(0...63)),
        .always("running", \.running, "Tasks that run now.", .length(0...63)),
        .always("cost", \.cost, "Spent so far, such as $1.20.", .length(0...63)))
}
