package import Model
package import Tree

/// What a client asks of a deletion: Kubernetes' DeleteOptions.
package struct DeleteOptions: Sendable, Hashable {
    package enum Propagation: String, Sendable, Hashable {
        case background = "Background"
        case foreground = "Foreground"
        case orphan = "Orphan"

        /// The finalizer that keeps the object until its dependents are dealt with.
        var finalizer: String? {
            switch self {
            case .background: nil
            case .foreground: "foregroundDeletion"
            case .orphan: "orphan"
            }
        }
    }

    package var uid: String?
    package var resourceVersion: String?
    package var propagation: Propagation

    package init(uid: String? = nil, resourceVersion: String? = nil, propagation: Propagation = .background) {
        self.uid = uid
        self.resourceVersion = resourceVersion
        self.propagation = propagation
    }
}

/// What becomes of an object that is to be deleted.
package enum Deletion: Sendable, Hashable {
    /// Nothing holds it: remove it.
    case remove
    /// It has finalizers: store this state; the last finalizer's owner ends it.
    case mark(Tree)
    /// It is being deleted already.
    case underWay
}

extension Admission {
    package func prepareDelete(old: Tree, _ options: DeleteOptions = DeleteOptions(), now: Timestamp)
        throws(AdmissionError) -> Deletion
    {
        let metadata = old["metadata"] ?? .emptyObject
        let uid = metadata["uid"]?.string ?? ""
        let version = metadata["resourceVersion"]?.string ?? ""
        if let wanted = options.uid, wanted != uid {
            throw .precondition(
                kind, name(of: old),
                "the UID in the precondition (\(wanted)) does not match the UID in record (\(uid)). The "
                    + "object might have been "
                    + "deleted and then recreated")
        }
        if let wanted = options.resourceVersion, wanted != version {
            throw .precondition(
                kind, name(of: old),
                "the ResourceVersion in the precondition (\(wanted)) does not match the ResourceVersion "
                    + "in record (\(version)). "
                    + "The object might have been modified")
        }
        var finalizers = metadata["finalizers"]?.array ?? []
        if metadata["deletionTimestamp"] != nil { return finalizers.isEmpty ? .remove : .underWay }
        if let added = options.propagation.finalizer, !finalizers.contains(.string(added)) {
            finalizers.append(.string(added))
        }
        guard !finalizers.isEmpty else { return .remove }
        var tree = old
        SystemMetadata.set(&tree, "finalizers", .array(finalizers))
        SystemMetadata.set(&tree, "deletionTimestamp", .string(now.wholeSeconds.description))
        SystemMetadata.set(&tree, "deletionGracePeriodSeconds", 0)
        if hasGeneration {
            SystemMetadata.set(&tree, "generation", .int((metadata["generation"]?.int ?? 0) + 1))
        }
        return .mark(tree)
    }
}
