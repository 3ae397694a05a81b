import Model
import Tree

/// Kubernetes' laws of object metadata (apimachinery, pkg/api/validation/objectmeta.go). The shape was
/// checked before: labels are strings, finalizers a list.
enum MetadataCheck {
    /// Keys and values of all annotations together, in bytes.
    static let annotationLimit = 256 << 10

    /// Kinds whose updates are checked as their creation is (kubernetes, pkg/apis/core/validation).
    private static let readsPrefixesAgain: Set<Kind> = [.configMap, .secret, .serviceAccount]

    static func check(_ metadata: Tree, _ kind: Kind, isNew: Bool = true) -> [FieldError] {
        var errors: [FieldError] = []
        let name = metadata["name"]?.string ?? ""
        if isNew || readsPrefixesAgain.contains(kind), let prefix = metadata["generateName"]?.string, !prefix.isEmpty {
            errors += invalid(["metadata", "generateName"], prefix, NameRules.prefix(prefix, of: kind))
        }
        if name.isEmpty {
            errors.append(FieldError(.required, ["metadata", "name"], "name or generateName is required"))
        } else {
            errors += invalid(["metadata", "name"], name, NameRules.name(name, of: kind))
        }
        if kind.namespaced, let namespace = metadata["namespace"]?.string {
            errors += invalid(["metadata", "namespace"], namespace, NameRules.label(namespace))
        }
        for label in metadata["labels"]?.object ?? Members() {
            errors += invalid(["metadata", "labels"], label.key, NameRules.key(label.key))
            let value = label.value.string ?? ""
            errors += invalid(["metadata", "labels"], value, NameRules.labelValue(value))
        }
        errors += annotations(metadata["annotations"]?.object ?? Members())
        let finalizers = (metadata["finalizers"]?.array ?? []).map { $0.string ?? "" }
        errors += finalizers.flatMap { invalid(["metadata", "finalizers"], $0, NameRules.key($0)) }
        if kind.group.isEmpty, kind != .event { errors += unqualified(finalizers) }
        if let generation = metadata["generation"]?.int, generation < 0 {
            errors.append(
                FieldError(
                    .invalid, ["metadata", "generation"], value: .int(generation),
                    "must be greater than or equal to 0"))
        }
        return errors + owners(metadata["ownerReferences"]?.array ?? [])
    }

    /// What an update may not do.
    static func checkUpdate(old: Tree, new: Tree) -> [FieldError] {
        var errors: [FieldError] = []
        for name in ["uid", "creationTimestamp", "deletionTimestamp", "deletionGracePeriodSeconds"] {
            guard let value = new[name], value != old[name] else { continue }
            errors.append(FieldError(.invalid, ["metadata", name], value: value, "field is immutable"))
        }
        if old["deletionTimestamp"] != nil {
            let before = Set(old["finalizers"]?.array ?? [])
            let added = (new["finalizers"]?.array ?? []).filter { !before.contains($0) }
            if !added.isEmpty {
                let list = added.map { "\"\($0.string ?? "")\"" }.joined(separator: ", ")
                errors.append(
                    FieldError(
                        .forbidden, ["metadata", "finalizers"],
                        "no new finalizers can be added if the object is being deleted, found new "
                            + "finalizers []string{\(list)}"
                    ))
            }
        }
        return errors
    }

    private static func annotations(_ members: Members) -> [FieldError] {
        let path: FieldPath = ["metadata", "annotations"]
        let bytes = members.reduce(0) { $0 + $1.key.utf8.count + ($1.value.string?.utf8.count ?? 0) }
        // Their keys are not looked at then: there may be a hundred thousand of them (S13).
        guard bytes <= annotationLimit else {
            return [FieldError(.tooLong, path, "may not be more than \(annotationLimit) bytes")]
        }
        // Case does not matter in them.
        return members.flatMap { invalid(path, $0.key, NameRules.key($0.key.lowercased())) }
    }

    /// The kinds of the core group take a finalizer without a domain only if it is one of its own.
    static func unqualified(_ finalizers: [String], _ path: FieldPath = ["metadata", "finalizers"]) -> [FieldError] {
        finalizers.enumerated().filter { !$0.element.contains("/") && !standardFinalizers.contains($0.element) }.flatMap
        {
            invalid(
                path + $0.offset, $0.element, ["name is neither a standard finalizer name nor is it fully qualified"])
        }
    }

    private static let standardFinalizers: Set<String> = ["kubernetes", "orphan", "foregroundDeletion"]

    private static func owners(_ references: [Tree]) -> [FieldError] {
        var errors: [FieldError] = []
        var controller: String?
        for reference in references { errors += owner(reference) }
        for reference in references where reference["controller"] == true {
            let name = "\(reference["kind"]?.string ?? "")/\(reference["name"]?.string ?? "")"
            if let first = controller {
                errors.append(
                    FieldError(
                        .invalid, ["metadata", "ownerReferences"], value: .string(name),
                        "Only one reference can have Controller set to true. Found \"true\" in "
                            + "references for \(first) and \(name)"
                    ))
            }
            controller = controller ?? name
        }
        return errors
    }

    private static func owner(_ reference: Tree) -> [FieldError] {
        let path: FieldPath = ["metadata", "ownerReferences"]
        func text(_ name: String) -> String { reference[name]?.string ?? "" }
        var errors: [FieldError] = []
        for (name, why) in [
            ("apiVersion", "version must not be empty"), ("kind", "must not be empty"), ("name", "must not be empty"),
            ("uid", "must not be empty"),
        ] where text(name).isEmpty {
            errors.append(FieldError(.invalid, path + name, value: "", why))
        }
        if text("apiVersion") == "v1", text("kind") == "Event" {
            errors.append(
                FieldError(.invalid, path, value: reference, "/v1, Kind=Event is disallowed from being an owner"))
        }
        return errors
    }

    static func invalid(_ path: FieldPath, _ value: String, _ reasons: [String]) -> [FieldError] {
        reasons.map { FieldError(.invalid, path, value: .string(value), $0) }
    }
}
