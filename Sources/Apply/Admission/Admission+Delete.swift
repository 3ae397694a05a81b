package import Model
package import Tree

/// What a client asks of a deletion: Kubernetes' DeleteOptions.
package struct DeleteOptions: Sendable, Hashable {
    package enum Propagation: String, Sendable, Hashable {
        case background = "Background"
        case foreground = "Foreground"
        case orphan = "Orphan"

        /// Those of all ways to deal with dependents.
        static let finalizers = ["orphan", "foregroundDeletion"]

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
    /// Nil: what the object's finalizers say already stays.
    package var propagation: Propagation?

    package init(uid: String? = nil, resourceVersion: String? = nil, propagation: Propagation? = nil) {
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
        let before = metadata["finalizers"]?.array ?? []
        var finalizers = before
        if let propagation = options.propagation {
            let others: [Tree] = DeleteOptions.Propagation.finalizers.filter { $0 != propagation.finalizer }.map {
                .string($0)
            }
            finalizers.removeAll { others.contains($0) }
            if let added = propagation.finalizer, !finalizers.contains(.string(added)) {
                finalizers.append(.string(added))
            }
        }
        let isDeleting = metadata["deletionTimestamp"] != nil
        if kind == .namespace {
            if isDeleting, !(old["spec"]?["finalizers"]?.array ?? []).isEmpty { return .underWay }
        } else if isDeleting, finalizers == before, !finalizers.isEmpty {
            return .underWay
        }
        guard !finalizers.isEmpty || kind == .namespace && !isDeleting else { return .remove }
        var tree = old
        SystemMetadata.set(&tree, "finalizers", finalizers.isEmpty ? nil : .array(finalizers))
        guard !isDeleting else { return .mark(tree) }
        SystemMetadata.set(&tree, "deletionTimestamp", .string(now.wholeSeconds.description))
        if kind == .namespace {
            // It empties itself before it goes: that holds it, besides what else does.
            if (tree["spec"]?["finalizers"]?.array ?? []).isEmpty { tree["spec"] = ["finalizers": ["kubernetes"]] }
            tree["status"] = (tree["status"] ?? .emptyObject).withPhase("Terminating")
            return .mark(tree)
        }
        SystemMetadata.set(&tree, "deletionGracePeriodSeconds", 0)
        let generation = metadata["generation"]?.int ?? 0
        if hasGeneration || generation > 0 { SystemMetadata.set(&tree, "generation", .int(generation + 1)) }
        return .mark(tree)
    }
}

extension Tree {
    fileprivate func withPhase(_ phase: Tree) -> Tree {
        var status = self
        status["phase"] = phase
        return status
    }
}
