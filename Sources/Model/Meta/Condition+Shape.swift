extension Condition {
    package static let shape = Shape<Condition>(
        "One aspect of the object's state, as Kubernetes writes it.",
        .required(
            "type", \.type,
            "The aspect in UpperCamel; `Ready` and `Succeeded` summarise, the others explain.",
            .length(1...316)),
        .required("status", \.status, "True, False or Unknown."),
        .required("reason", \.reason, "The cause in one UpperCamel word, for scripts.", .length(1...1024)),
        .always("message", \.message, "The cause in a sentence, for people.", .length(0...32768)),
        .optional(
            "lastTransitionTime", \.lastTransitionTime,
            "When `status` last flipped; other changes leave it alone."),
        .optional(
            "observedGeneration", \.observedGeneration,
            "The `metadata.generation` this condition was computed from.",
            .counter))
}

extension [Condition] {
    /// The field that every status has, described once.
    package static let fieldDescription =
        "Aspects of the state, one entry a type; present from the first pass, `Unknown` included."
}
