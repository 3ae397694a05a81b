/// Kubernetes' own kinds, by the shapes they have in k8s.io/api.
extension Kind {
    static func coreSchema(_ kind: Kind) -> Schema {
        let (summary, members) = CoreShapes.members(kind)
        var schema = whole(summary)
        schema.properties += members
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
}
