/// Kubernetes' own kinds as far as they are kept: their members are known by name, so that a typo is still
/// found, and open inside, because their meaning is Kubernetes' and not ours.
extension Kind {
    static func coreSchema(_ kind: Kind) -> Schema {
        let (summary, members) = coreMembers(kind)
        var schema = whole(summary)
        for member in members {
            schema.properties.append(.init(name: member.0, schema: open(member.1), required: false))
        }
        return schema
    }

    static func coreColumns(_ kind: Kind) -> [PrinterColumn] {
        let age = PrinterColumn("Age", "date", ".metadata.creationTimestamp", "Time since creation.")
        switch kind {
        case .namespace: return [.init("Status", "string", ".status.phase", "Active or Terminating."), age]
        case .secret: return [.init("Type", "string", ".type", "How the secret is meant to be used."), age]
        case .lease: return [.init("Holder", "string", ".spec.holderIdentity", "Who holds the lease."), age]
        case .event:
            return [
                .init("Last Seen", "date", ".lastTimestamp", "When it happened last."),
                .init("Type", "string", ".type", "Normal or Warning."),
                .init("Reason", "string", ".reason", "The cause in one word."),
                .init("Kind", "string", ".involvedObject.kind", "The kind of the object it is about."),
                .init("Object", "string", ".involvedObject.name", "The object it is about."),
                .init("Message", "string", ".message", "The cause in a sentence."),
                .init("Count", "integer", ".count", "How often it happened.", wide: true),
            ]
        default: return [age]
        }
    }

    private static func coreMembers(_ kind: Kind) -> (String, [(String, String)]) {
        switch kind {
        case .namespace:
            (
                "A scope for names.",
                [("spec", "Finalizers of the namespace."), ("status", "Phase of the namespace.")]
            )
        case .secret:
            (
                "Confidential values under names; never shown by Reconcile's own commands.",
                [
                    ("type", "How the secret is meant to be used."), ("data", "Values in base64."),
                    ("stringData", "Values in plain text, turned into data on write."),
                    ("immutable", "Whether data may never change."),
                ]
            )
        case .configMap:
            (
                "Plain values under names.",
                [
                    ("data", "Values in plain text."), ("binaryData", "Values in base64."),
                    ("immutable", "Whether data may never change."),
                ]
            )
        case .event:
            (
                "Something that happened to an object, aggregated by cause.",
                [
                    ("involvedObject", "The object it is about."), ("reason", "The cause in one word."),
                    ("message", "The cause in a sentence."), ("type", "Normal or Warning."),
                    ("source", "The component that saw it."), ("firstTimestamp", "When it happened first."),
                    ("lastTimestamp", "When it happened last."), ("count", "How often it happened."),
                    ("eventTime", "When it was seen, to the microsecond."),
                    ("series", "The aggregate it belongs to."),
                    ("action", "What was done."), ("related", "A second object it concerns."),
                    ("reportingComponent", "The controller that reports it."),
                    ("reportingInstance", "The instance of that controller."),
                ]
            )
        case .lease:
            (
                "A claim that runs out unless it is renewed.",
                [("spec", "Holder, duration and times of the claim.")]
            )
        case .serviceAccount:
            (
                "An identity for programs.",
                [
                    ("secrets", "Secrets that may be used under the identity."),
                    ("imagePullSecrets", "Secrets for pulling images."),
                    ("automountServiceAccountToken", "Whether pods get a token by themselves."),
                ]
            )
        case .region, .workerPool, .executionPlan, .syncPoint, .worker, .task: ("", [])
        }
    }
}
