import Tree

/// The structs of Kubernetes' API machinery (k8s.io/apimachinery, pkg/apis/meta/v1/types.go).
package enum MetaShapes {
    /// Metadata as every object has it. It has no bounds: the words for those are Kubernetes' own, and in code.
    package static let objectMeta = Typed.object(
        "ObjectMeta", "Name, namespace, labels and the store's own record of an object.",
        .field(1, "name", Typed.text, "Name of the object."),
        .field(2, "generateName", Typed.text, "Prefix of a name to be made."),
        .field(3, "namespace", Typed.text, "Namespace of the object."),
        .field(4, "selfLink", Typed.text, "Kubernetes' former link to the object."),
        .field(5, "uid", Typed.text, "Never used twice."),
        .field(6, "resourceVersion", Typed.text, "Version of the last write."),
        .field(7, "generation", Typed.int64, "Rises whenever the spec changes."),
        .field(8, "creationTimestamp", Typed.time, "When it was created."),
        .field(9, "deletionTimestamp", Typed.time, "When deletion was asked for."),
        .field(10, "deletionGracePeriodSeconds", Typed.int64, "Seconds it was given to end.", .kept),
        .field(11, "labels", Typed.map(Typed.text), "Keys and values to select objects by."),
        .field(12, "annotations", Typed.map(Typed.text), "Keys and values that select nothing."),
        .field(
            13, "ownerReferences", Typed.list(ownerReference, .map(keys: ["uid"])),
            "The objects whose end ends this one."),
        .field(14, "finalizers", Typed.list(Typed.text, .set), "What must happen before it may go."),
        .field(17, "managedFields", Typed.list(managedFields), "Which writer owns which fields."))

    private static let ownerReference = Typed.object(
        "OwnerReference", "The object that made this one, and whose end ends it.", atomic: true,
        .field(5, "apiVersion", Typed.text, "API version of the owner.", .always("")),
        .field(1, "kind", Typed.text, "Kind of the owner.", .always("")),
        .field(3, "name", Typed.text, "Name of the owner, in the same namespace or in none.", .always("")),
        .field(4, "uid", Typed.text, "UID of the owner: a new object of the same name is another owner.", .always("")),
        .field(6, "controller", Typed.flag, "Whether this is the one owner that manages the object.", .kept),
        .field(
            7, "blockOwnerDeletion", Typed.flag,
            "Whether a foreground deletion of the owner waits for this object's end.", .kept))

    private static let managedFields = Typed.object(
        "ManagedFieldsEntry", "What one writer owns.",
        .field(1, "manager", Typed.text, "Name of the writer."),
        .field(2, "operation", Typed.text, "Apply or Update."),
        .field(3, "apiVersion", Typed.text, "Version that the fields are named in."),
        .field(4, "time", Typed.time, "When the entry changed last."),
        .field(6, "fieldsType", Typed.text, "FieldsV1."),
        .field(7, "fieldsV1", Typed.anything, "The fields."),
        .field(8, "subresource", Typed.text, "The subresource that was written through."))

    package static let deleteOptions = Typed.object(
        "DeleteOptions", "How an object is to be deleted.",
        .field(0, "apiVersion", Typed.text, "Group and version."), .field(0, "kind", Typed.text, "DeleteOptions."),
        .field(1, "gracePeriodSeconds", Typed.int64, "Seconds given to end.", .kept),
        .field(
            2, "preconditions",
            Typed.object(
                "Preconditions", "What the object must be.", .field(1, "uid", Typed.text, "Its UID.", .kept),
                .field(2, "resourceVersion", Typed.text, "Its version.", .kept)), "What must hold of the object.",
            .kept),
        .field(3, "orphanDependents", Typed.flag, "Former word for the policy Orphan.", .kept),
        .field(4, "propagationPolicy", Typed.text, "Background, Foreground or Orphan.", .kept),
        .field(5, "dryRun", Typed.list(Typed.text), "All: nothing is deleted."),
        .field(
            6, "ignoreStoreReadErrorWithClusterBreakingPotential", Typed.flag, "Taken and without meaning here.", .kept)
    )
}
