extension WorkerPoolStatus {
    package static let shape = Shape<WorkerPoolStatus>(
        "The pool as it was last observed.",
        .optional(
            "observedGeneration", \.observedGeneration,
            "The `metadata.generation` this status was computed from.",
            .counter),
        .list("conditions", \.conditions, [Condition].fieldDescription, .items(upTo: 32), .map(by: "type")),
        .always(
            "replicas", \.replicas, "Live workers: every one that is not gone, whatever its state.",
            .range(0...1_000_000)),
        .always(
            "desiredReplicas", \.desiredReplicas, "How many workers are wanted now.", .range(0...1_000_000)),
        .always("readyReplicas", \.readyReplicas, "How many take tasks.", .range(0...1_000_000)),
        .always("busyReplicas", \.busyReplicas, "How many have no free slot.", .range(0...1_000_000)),
        .optional(
            "selector", \.selector, "Label selector of the workers, for `kubectl scale`.", .length(0...253)),
        .optional("backend", \.backend, "The provider's service that makes the workers.", .length(0...63)),
        .optional("instanceType", \.instanceType, "The instance type chosen.", .length(0...63)),
        .optional(
            "choice", \.choice, "The rule that chose the backend and the offering, in a sentence.",
            .length(0...1024)),
        .optional("price", \.price, "What one worker costs."),
        .always("costPerHour", \.costPerHour, "The committed rate of all live workers, in USD an hour."),
        .optional("accrued", \.accrued, "What the pool has spent so far."),
        .list(
            "slots", \.slots,
            "The highest attempt ever issued for each slot: a slot's attempts are never reused.",
            .items(upTo: 1000), .map(by: "slot")),
        .optional("lastScale", \.lastScale, "The last change of the desired number."),
        .always(
            "lost", \.lost, "Workers that failed, of all that were ever made: how reliable they are.",
            .range(0...1_000_000_000)),
        .optional(
            "lastHandledReconcileAt", \.lastHandledReconcileAt,
            "The last value of the annotation reconcile.dev/requested-at that was acted on.", .length(0...253)
        ))
}

extension SlotRecord {
    package static let shape = Shape<SlotRecord>(
        "A place in the pool that one worker at a time fills.",
        .required("slot", \.slot, "Number of the slot, from 0.", .range(0...1_000_000)),
        .always("attempt", \.attempt, "The highest attempt ever issued.", .counter),
        .always("failures", \.failures, "Provisioning failures in a row.", .range(0...1_000_000)),
        .optional("retryAt", \.retryAt, "When the next try may start."))
}

extension ScaleRecord {
    package static let shape = Shape<ScaleRecord>(
        "A change of the desired number of workers.",
        .optional("time", \.time, "When it was decided."),
        .always("from", \.from, "The number before.", .range(0...1_000_000)),
        .always("to", \.to, "The number after.", .range(0...1_000_000)),
        .always("reason", \.reason, "Why, in a sentence.", .length(0...1024)))
}

extension PriceRecord {
    package static let shape = Shape<PriceRecord>(
        "A price with where it comes from and of when it is.",
        .always("perHour", \.perHour, "USD an hour for one worker."),
        .text(
            "source", \.source, "Where the price comes from, such as the manifest or a price list.",
            .length(0...253)),
        .text("date", \.date, "The day the price is of, such as 2026-01-31.", .length(0...10)))
}
