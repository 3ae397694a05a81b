extension FaultTolerance {
    package static let shape = Shape<FaultTolerance>(
        "What happens when things fail.",
        .defaulted(
            "autoFailover", \.autoFailover,
            "Moves tasks off lost workers by itself; off, they wait for a decision."),
        .defaulted("circuitBreaker", \.circuitBreaker, "Stops calling a provider that keeps failing."),
        .optional("healthCheck", \.healthCheck, "Default for this plan's poolTemplates.", .notYet),
        .defaulted("retry", \.retry, "Default for this plan's tasks."),
        .defaulted("killGrace", \.killGrace, "Between SIGTERM and SIGKILL when an attempt is stopped."),
        .list(
            "failover", \.failover,
            "Where lost work may go, tried by priority, highest first; empty: same region, then another.",
            .items(upTo: 16)),
        .defaulted("failback", \.failback, "Whether moved work returns to the region it was meant for."),
        .defaulted(
            "disconnect", \.disconnect, "Which attempt is kept when a worker taken for lost comes back."),
        .optional("alerts", \.alerts, "Who is told."))
}

extension CircuitBreaker {
    package static let shape = Shape<CircuitBreaker>(
        "Stops calling a provider that keeps failing: per provider, region and class of error.",
        .defaulted("enabled", \.enabled, "Off, every call is made."),
        .defaulted(
            "failureThreshold", \.failureThreshold, "Failures within `window` that open it.", .range(1...1000)
        ),
        .defaulted("window", \.window, "How long a failure counts."),
        .defaulted("openFor", \.openFor, "How long it stays open before one probe is let through."))
}

extension FailoverRule {
    package static let shape = Shape<FailoverRule>(
        "One way for lost work to go on.",
        .required(
            "strategy", \.strategy, "Another worker of the same region, another region, or another provider."),
        .defaulted("priority", \.priority, "Higher is tried first.", .range(-1_000_000...1_000_000)),
        .list("when", \.when, "Causes for which the rule holds; empty means all.", .items(upTo: 8), .set))
}

extension Failback {
    package static let shape = Shape<Failback>(
        "Whether moved work returns to the region it was meant for.",
        .defaulted(
            "policy", \.policy,
            "Never leaves it; WhenIdle returns what has not started; Preferred also moves running work.",
            .notYet(unless: "Never")),
        .defaulted(
            "stabilization", \.stabilization, "How long the region must be well before anything returns."),
        .defaulted("maxConcurrent", \.maxConcurrent, "The most tasks that return at once.", .range(1...1000)))
}

extension Disconnect {
    package static let shape = Shape<Disconnect>(
        "What happens when a worker taken for lost comes back.",
        .defaulted(
            "reconcile", \.reconcile,
            "Which attempt is kept; the replacement, since its fence is the newer one.",
            .notYet(unless: "KeepReplacement")))
}

extension Alerts {
    package static let shape = Shape<Alerts>(
        "Who is told.",
        .optional(
            "webhook", \.webhook, "URL that gets a POST for each recovery; empty for none.",
            .length(0...2048),
            .notYet(unless: "")))
}
