import Tree

extension SyncPoint {
    package static let summary = "A barrier that opens when all parties, or a quorum of them, have arrived."
    package static let columns: [PrinterColumn] = [
        .init("Arrived", "string", ".status.summary.arrived", "Parties that arrived of those needed."),
        .init("State", "string", ".status.state", "Waiting, Released, Held or Failed."),
        .init("Since", "date", ".status.since", "When the state began."),
        .init("Age", "date", ".metadata.creationTimestamp", "Time since creation."),
        .init("Plan", "string", ".spec.plan", "The plan whose regions take part.", wide: true),
    ]
}

extension SyncPointSpec {
    package static let shape = Shape<SyncPointSpec>(
        "Who waits for whom.",
        .optional(
            "plan", \.plan, "The ExecutionPlan whose regions and tasks are meant, in the same namespace.",
            .label),
        .list("participants", \.participants, "The parties; each arrives once.", .items(upTo: 100)),
        .list(
            "after", \.after,
            "Tasks that must succeed before their region arrives; empty: all its tasks that do not wait here.",
            .items(upTo: 2000), .eachLabel, .set),
        .defaulted("quorum", \.quorum, "How many parties open the point; 0 means all.", .range(0...100)),
        .defaulted("timeout", \.timeout, "How long to wait from the first arrival; 0s means for ever."),
        .defaulted(
            "onTimeout", \.onTimeout,
            "At the timeout: Hold waits on, Fail fails what waits, Continue opens without the missing."
        ),
        .defaulted("communication", \.communication, "How arrivals and the release are told."))
}

extension Participant {
    private static let members = ["region", "plan", "external"]

    package static let shape = Shape<Participant>(
        "A party of a sync point; exactly one member is set.",
        rules: [
            Schema.Rule(
                "[has(self.region), has(self.plan), has(self.external)].exists_one(x, x)",
                "exactly one of region, plan, external must be set"
            ) { party, _ in members.count { party[$0] != nil } == 1 }
        ],
        .optional(
            "region", \.region, "A region of the plan; arrives when its tasks in `after` have succeeded.",
            .label),
        .optional(
            "plan", \.plan, "Another plan in the same namespace; arrives when it has succeeded.", .label),
        .optional(
            "external", \.external,
            "A party outside; arrives by message, `reconcile arrive` or an annotation.", .label))
}

extension Communication {
    package static let shape = Shape<Communication>(
        "How arrivals and the release are told.",
        .defaulted(
            "method", \.method,
            "Store needs nothing but the resource store; MessageQueue also publishes to the provider's queue."
        ),
        .optional("queue", \.queue, "Name of the queue, for MessageQueue.", .length(1...253)),
        .defaulted("timeout", \.timeout, "Delivery of one message; a message later than this counts as lost.")
    )
}

extension SyncPointStatus {
    package static let shape = Shape<SyncPointStatus>(
        "Who has arrived.",
        .optional(
            "observedGeneration", \.observedGeneration,
            "The `metadata.generation` this status was computed from.",
            .counter),
        .list("conditions", \.conditions, [Condition].fieldDescription, .items(upTo: 32), .map(by: "type")),
        .always(
            "state", \.state,
            "Waiting until enough parties arrived, then Released; Held and Failed are timeouts."),
        .always(
            "generation", \.generation, "Arrivals under another generation do not count.",
            .counter),
        .list(
            "arrivals", \.arrivals, "The parties that arrived, each once.", .items(upTo: 100),
            .map(by: "participant")),
        .optional(
            "firstArrivalAt", \.firstArrivalAt, "When the first party arrived: the timeout runs from here."),
        .optional("since", \.since, "When the state began."),
        .optional("releasedAt", \.releasedAt, "When the point opened."),
        .list(
            "published", \.published, "Parties told of the release, each once per generation.",
            .items(upTo: 100),
            .each(1...253), .set),
        .optional("summary", \.summary, "Preformatted strings for the columns of `get`."))
}

extension Arrival {
    package static let shape = Shape<Arrival>(
        "One party's arrival.",
        .required(
            "participant", \.participant, "The party, such as region/us-east-1 or external/release-manager.",
            .length(1...253)),
        .optional("at", \.at, "When it arrived."))
}

extension SyncPointSummary {
    package static let shape = Shape<SyncPointSummary>(
        "Preformatted strings for the columns.",
        .always("arrived", \.arrived, "Parties that arrived of those needed, such as 1/3.", .length(0...63)))
}
