extension TaskStatus {
    package static let shape = Shape<TaskStatus>(
        "The task as it was last observed.",
        .optional(
            "observedGeneration", \.observedGeneration,
            "The `metadata.generation` this status was computed from.",
            .counter),
        .list("conditions", \.conditions, [Condition].fieldDescription, .items(upTo: 32), .map(by: "type")),
        .always(
            "phase", \.phase, "Pending, Assigned, Running, then Succeeded, Failed, TimedOut, Cancelled or Skipped."),
        .optional(
            "reason", \.reason, "Why it is in this phase, in one word; always there while Pending.",
            .length(0...1024)),
        .optional("message", \.message, "Why it is in this phase, in a sentence.", .length(0...32768)),
        .optional("assignment", \.assignment, "The worker of the current attempt, or of the last one."),
        .always("attempt", \.attempt, "Attempts so far; the current one's number.", .counter),
        .always(
            "fence", \.fence, "Rises with every attempt, only then; reports under an older one are refused.",
            .counter),
        .always(
            "failures", \.failures,
            "Failures that count against `retry.limit`; ends by our own fault do not.",
            .range(0...1_000_000)),
        .optional("retryAt", \.retryAt, "When the next attempt may start."),
        .optional("startedAt", \.startedAt, "When the current attempt began to run."),
        .optional("finishedAt", \.finishedAt, "When the last attempt ended."),
        .optional("exitCode", \.exitCode, "Exit code of the last attempt that ended.", .range(-1024...1024)),
        .list(
            "outputs", \.outputs, "Values it wrote to $RECONCILE_OUTPUT: at most 4 KiB each, 32 KiB in all.",
            .items(upTo: 64), .each(0...4096)),
        .list(
            "attempts", \.attempts, "The last ten attempts that ended.", .items(upTo: 10), .map(by: "attempt")
        ),
        .optional("placement", \.placement, "Why this worker was chosen and others were not."),
        .optional("reservation", \.reservation, "The worker on its way that was rented for it."),
        .always("cost", \.cost, "Its share of its workers' price so far, by slots, in USD; the bill is the plan's."),
        .list(
            "moves", \.moves,
            "When it recently moved off a failed worker: at most ten moves an hour are made.",
            .items(upTo: 32)))
}

extension Assignment {
    package static let shape = Shape<Assignment>(
        "The worker that runs an attempt.",
        .always("worker", \.worker, "The Worker's name.", .length(0...253)),
        .text(
            "workerUID", \.workerUID, "The Worker's UID: a new worker of the same name is another.",
            .length(0...128)),
        .text("region", \.region, "The worker's region.", .length(0...253)),
        .text("pool", \.pool, "The worker's pool.", .length(0...253)),
        .optional("assignedAt", \.assignedAt, "When it was assigned."),
        .optional("stop", \.stop, "Why the attempt must end; the agent stops it."),
        .optional("stopAt", \.stopAt, "When the end was asked for."))
}

extension Reservation {
    package static let shape = Shape<Reservation>(
        "A slot of a pool whose worker was rented for the task.",
        .always("pool", \.pool, "The pool's name.", .length(0...253)),
        .always("slot", \.slot, "Number of the slot.", .range(0...1_000_000)))
}

extension AttemptRecord {
    package static let shape = Shape<AttemptRecord>(
        "An attempt that ended.",
        .required("attempt", \.attempt, "Its number.", .counter),
        .always("fence", \.fence, "Its fence.", .counter),
        .text("worker", \.worker, "The Worker it ran on.", .length(0...253)),
        .text("region", \.region, "The region it ran in.", .length(0...253)),
        .always("phase", \.phase, "How it ended."),
        .always("reason", \.reason, "Why it ended, in one word.", .length(0...1024)),
        .optional("message", \.message, "Why it ended, in a sentence.", .length(0...4096)),
        .optional("startedAt", \.startedAt, "When it began to run; absent if it never did."),
        .optional("finishedAt", \.finishedAt, "When it ended, or was given up."),
        .optional("exitCode", \.exitCode, "Its exit code, where one was seen.", .range(-1024...1024)),
        .always("cost", \.cost, "Its share of its worker's price, by slots, in USD."),
        .optional("lastSeen", \.lastSeen, "Last sign of life of the worker, where it was lost."),
        .optional("detectedAt", \.detectedAt, "When the loss was detected."),
        .optional(
            "proven", \.proven, "Where it was lost: whether that was seen, and not concluded from silence."))
}

extension PlacementRecord {
    package static let shape = Shape<PlacementRecord>(
        "Why a worker was chosen and others were not.",
        .optional("strategy", \.strategy, "The scheduling algorithm that chose."),
        .optional("chosen", \.chosen, "The worker chosen, with its score."),
        .always("considered", \.considered, "How many workers were looked at.", .range(0...1_000_000)),
        .list("rejected", \.rejected, "The five best of the workers not chosen.", .items(upTo: 5)),
        .list("rejections", \.rejections, "How many workers each reason excluded.", .items(upTo: 64)))
}

extension CandidateRecord {
    package static let shape = Shape<CandidateRecord>(
        "A worker that could have been chosen.",
        .always("worker", \.worker, "The Worker's name.", .length(0...253)),
        .optional(
            "score", \.score, "A decimal, higher is better; how it is made depends on the algorithm.",
            .length(0...63)),
        .optional("reason", \.reason, "Why it was not chosen.", .length(0...1024)))
}
