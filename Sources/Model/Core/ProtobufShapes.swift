import Tree

/// What clients write beside the kinds that are kept: how a body names itself, and questions that are answered at once
/// (k8s.io/api, authentication/v1 and authorization/v1).
package enum ProtobufShapes {
    package static let typeMeta = Typed.object(
        "TypeMeta", "What a body is.", .field(1, "apiVersion", Typed.text, "Group and version."),
        .field(2, "kind", Typed.text, "Kind."))

    package static let reviews: [String: Schema] = [
        "SelfSubjectAccessReview": review("SelfSubjectAccessReview", access),
        "SelfSubjectRulesReview": review(
            "SelfSubjectRulesReview",
            Typed.object(
                "SelfSubjectRulesReviewSpec", "Where.", .field(1, "namespace", Typed.text, "The namespace."))),
        "SelfSubjectReview": review("SelfSubjectReview", Typed.object("SelfSubjectReviewSpec", "Nothing.")),
        "TokenRequest": review("TokenRequest", token),
    ]

    private static func review(_ name: String, _ spec: Schema) -> Schema {
        Typed.object(
            name, "A question that is answered at once.",
            .field(1, "metadata", MetaShapes.objectMeta, "Metadata."), .field(2, "spec", spec, "The question.", .kept))
    }

    private static let access = Typed.object(
        "SelfSubjectAccessReviewSpec", "What is asked for.",
        .field(
            1, "resourceAttributes",
            Typed.object(
                "ResourceAttributes", "An act on resources.", .field(1, "namespace", Typed.text, "Where."),
                .field(2, "verb", Typed.text, "What."), .field(3, "group", Typed.text, "Of which group."),
                .field(4, "version", Typed.text, "In which version."),
                .field(5, "resource", Typed.text, "Of which kind."),
                .field(6, "subresource", Typed.text, "Which part."), .field(7, "name", Typed.text, "Which one.")),
            "An act on resources.", .kept),
        .field(
            2, "nonResourceAttributes",
            Typed.object(
                "NonResourceAttributes", "A path.", .field(1, "path", Typed.text, "Which."),
                .field(2, "verb", Typed.text, "What.")), "A path.", .kept))

    private static let token = Typed.object(
        "TokenRequestSpec", "What a token is for.",
        .field(1, "audiences", Typed.list(Typed.text), "Who may take it."),
        .field(
            3, "boundObjectRef",
            Typed.object(
                "BoundObjectReference", "With what it ends.", .field(1, "kind", Typed.text, "Kind."),
                .field(2, "apiVersion", Typed.text, "Group and version."), .field(3, "name", Typed.text, "Name."),
                .field(4, "uid", Typed.text, "UID.")), "With what it ends.", .kept),
        .field(4, "expirationSeconds", Typed.int64, "How long it is good.", .kept))
}
