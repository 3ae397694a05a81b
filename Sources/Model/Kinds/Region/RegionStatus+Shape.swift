extension RegionStatus {
    package static let shape = Shape<RegionStatus>(
        "The place as it was last observed.",
        .optional(
            "observedGeneration", \.observedGeneration,
            "The `metadata.generation` this status was computed from.",
            .counter),
        .list("conditions", \.conditions, [Condition].fieldDescription, .items(upTo: 32), .map(by: "type")),
        .optional("provider", \.provider, "The provider that makes workers here.", .length(0...63)),
        .always("workers", \.workers, "Live workers in this place, of all pools.", .range(0...1_000_000)),
        .always("readyWorkers", \.readyWorkers, "Live workers that take tasks.", .range(0...1_000_000)),
        .always("costPerHour", \.costPerHour, "The committed rate of all live workers, in USD an hour."),
        .optional("accrued", \.accrued, "What was spent here so far."),
        .optional("latency", \.latency, "Measured round trip of the provider's probe."),
        .list(
            "circuits", \.circuits,
            "Circuit breakers that are or were open, one for each class of provider error.",
            .items(upTo: 32), .map(by: "errorClass")),
        .optional("summary", \.summary, "Preformatted strings for the columns of `get`."),
        .optional(
            "lastHandledReconcileAt", \.lastHandledReconcileAt,
            "The last value of the annotation reconcile.dev/requested-at that was acted on.", .length(0...253)
        ))
}

extension RegionSummary {
    package static let shape = Shape<RegionSummary>(
        "Preformatted strings for the columns.",
        .always("workers", \.workers, "Ready workers of all live ones, such as 2/3.", .length(0...63)),
        .always("cost", \.cost, "The committed rate in USD an hour, such as $0.12.", .length(0...63)),
        .always("latency", \.latency, "Measured round trip, or the declared one.", .length(0...63)),
        .always(
            "circuit", \.circuit, "The worst circuit breaker here: Closed, HalfOpen or Open.", .length(0...63)
        ))
}

extension Accrual {
    package static let shape = Shape<Accrual>(
        "Spend so far, in USD.",
        .text("day", \.day, "The UTC day that `today` counts, such as 2026-01-31.", .length(0...10)),
        .always("today", \.today, "Spent on that day."),
        .always("total", \.total, "Spent in all, since the object was created."),
        .optional("asOf", \.asOf, "Up to when live workers are added up."))
}

extension CircuitStatus {
    package static let shape = Shape<CircuitStatus>(
        "A circuit breaker for one class of provider error in one region.",
        .required(
            "errorClass", \.errorClass, "The class of error, such as capacity or throttled.", .length(1...63)),
        .always("state", \.state, "Closed lets calls through, Open none, HalfOpen one probe."),
        .always("failures", \.failures, "Failures within the window.", .range(0...1_000_000)),
        .optional("since", \.since, "When the state began."),
        .optional("probeAt", \.probeAt, "When an open breaker lets the next probe through."))
}
