extension OwnerReference {
    package static let shape = Shape<OwnerReference>(
        "The object that made this one, and whose end ends it.",
        .required("apiVersion", \.apiVersion, "API version of the owner.", .length(1...253)),
        .required("kind", \.kind, "Kind of the owner.", .length(1...63)),
        .required("name", \.name, "Name of the owner, in the same namespace or in none.", .length(1...253)),
        .required(
            "uid", \.uid, "UID of the owner: a new object of the same name is another owner.",
            .length(1...128)),
        .optional("controller", \.controller, "Whether this is the one owner that manages the object."),
        .optional(
            "blockOwnerDeletion", \.blockOwnerDeletion,
            "Whether a foreground deletion of the owner waits for this object's end."))
}

extension ObjectMeta {
    package static let shape = Shape<ObjectMeta>(
        "Name, namespace, labels and the store's own record of an object.",
        .text("name", \.name, "Name, unique for its kind in its namespace; never changes.", .name),
        .optional(
            "generateName", \.generateName, "Prefix from which the server makes a name where none is given.",
            .length(1...253)),
        .optional("namespace", \.namespace, "Namespace; absent for kinds that have none.", .length(1...63)),
        .text("uid", \.uid, "Given at creation, never used twice.", .length(0...128)),
        .text(
            "resourceVersion", \.resourceVersion,
            "The store's version of the last write; compare for equality only.",
            .length(0...64)),
        .count("generation", \.generation, "Rises whenever the spec changes.", .counter),
        .optional(
            "creationTimestamp", \.creationTimestamp, "When the object was created; set by the server."),
        .optional(
            "deletionTimestamp", \.deletionTimestamp, "When deletion was asked for; set by the server."),
        .optional(
            "deletionGracePeriodSeconds", \.deletionGracePeriodSeconds,
            "Seconds the object was given to end.",
            .counter),
        .list("labels", \.labels, "Keys and values to select objects by.", .items(upTo: 256), .each(0...63)),
        .list(
            "annotations", \.annotations, "Keys and values that select nothing; up to 256 KiB in all.",
            .items(upTo: 1024), .each(0...262_144)),
        .list(
            "ownerReferences", \.ownerReferences, "The objects whose end ends this one.", .items(upTo: 64),
            .map(by: "uid")),
        .list(
            "finalizers", \.finalizers, "What must be cleaned up before the object may go.", .items(upTo: 64),
            .each(1...316), .set),
        .optional(
            "managedFields", \.managedFields, "Which writer owns which fields; kept by server-side apply."))
}
