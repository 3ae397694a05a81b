import Model
import Tree

/// What holds of Events (k8s.io/kubernetes, pkg/apis/core/validation/events.go): little of those that came in by the
/// core group with a time of old, more of those with `eventTime`, most of those of the newer group.
enum EventRules {
    static func check(_ new: Tree, old: Tree?, _ apiVersion: String) -> [FieldError] {
        let isNewGroup = apiVersion != Kind.event.apiVersion
        let names = isNewGroup ? newNames : coreNames
        func value(_ name: String, of tree: Tree) -> Tree? { tree[names[name] ?? name] }
        var errors = legacy(new, isNewGroup) { value($0, of: new) }
        guard isNewGroup else { return errors }
        errors += MetadataCheck.unqualified((new["metadata"]?["finalizers"]?.array ?? []).map { $0.string ?? "" })
        if let old {
            if new["series"] != old["series"] { errors += series(new["series"]) }
            for name in immutable where value(name, of: new) != value(name, of: old) {
                errors.append(
                    FieldError(.invalid, [name], value: value(name, of: new) ?? .null, "field is immutable"))
            }
            return errors
        }
        let name = new["metadata"]?["name"]?.string ?? ""
        errors += NameRules.subdomain(name).map {
            FieldError(.invalid, ["metadata", "name"], value: .string(name), $0)
        }
        let prefix = new["metadata"]?["generateName"]?.string ?? ""
        if !prefix.isEmpty {
            errors += NameRules.prefix(prefix, of: .configMap).map {
                FieldError(.invalid, ["metadata", "generateName"], value: .string(prefix), $0)
            }
        }
        errors += series(new["series"])
        if isMissing(new["eventTime"]) { errors.append(FieldError(.required, ["eventTime"])) }
        let type = new["type"]?.string ?? ""
        if type != "Normal", type != "Warning" {
            errors.append(FieldError(.invalid, ["type"], value: "", "has invalid value: \(type)"))
        }
        for name in ["firstTimestamp", "lastTimestamp", "count", "source"] where !isMissing(value(name, of: new)) {
            errors.append(FieldError(.invalid, [name], value: "", "needs to be unset"))
        }
        return errors
    }

    private static let coreNames: [String: String] = ["reportingController": "reportingComponent"]
    private static let newNames: [String: String] = [
        "involvedObject": "regarding", "message": "note", "source": "deprecatedSource",
        "firstTimestamp": "deprecatedFirstTimestamp", "lastTimestamp": "deprecatedLastTimestamp",
        "count": "deprecatedCount",
    ]
    private static let immutable = [
        "involvedObject", "reason", "message", "source", "firstTimestamp", "lastTimestamp", "count", "type",
        "eventTime",
        "action", "related", "reportingController", "reportingInstance",
    ]

    private static func legacy(
        _ event: Tree, _ isNewGroup: Bool, _ value: (String) -> Tree?
    ) -> [FieldError] {
        let namespace = event["metadata"]?["namespace"]?.string ?? ""
        let about = value("involvedObject")?["namespace"]?.string ?? ""
        let strayed = FieldError(
            .invalid, ["involvedObject", "namespace"], value: .string(about), "does not match event.namespace")
        guard !isMissing(event["eventTime"]) else {
            let isRight = about.isEmpty ? ["", "default"].contains(namespace) : about == namespace
            return isRight ? [] : [strayed]
        }
        var errors: [FieldError] = []
        if about.isEmpty, !["default", "kube-system"].contains(namespace) { errors.append(strayed) }
        let controllerName = isNewGroup ? "reportingController" : "reportingComponent"
        let controller = value("reportingController")?.string ?? ""
        if controller.isEmpty { errors.append(FieldError(.required, [controllerName])) }
        errors += NameRules.key(controller).map {
            FieldError(.invalid, [controllerName], value: .string(controller), $0)
        }
        for (name, limit) in [("reportingInstance", 128), ("action", 128), ("reason", 128)] {
            let text = value(name)?.string ?? ""
            if text.isEmpty { errors.append(FieldError(.required, [name])) }
            if text.utf8.count > limit {
                errors.append(FieldError(.invalid, [name], value: "", "can have at most \(limit) characters"))
            }
        }
        if (value("message")?.string ?? "").utf8.count > 1024 {
            errors.append(FieldError(.invalid, ["message"], value: "", "can have at most 1024 characters"))
        }
        return errors
    }

    private static func series(_ series: Tree?) -> [FieldError] {
        guard let series, case .object = series else { return [] }
        var errors: [FieldError] = []
        if (series["count"]?.int ?? 0) < 2 {
            errors.append(FieldError(.invalid, ["series", "count"], value: "", "should be at least 2"))
        }
        if isMissing(series["lastObservedTime"]) {
            errors.append(FieldError(.required, ["series", "lastObservedTime"]))
        }
        return errors
    }

    private static func isMissing(_ value: Tree?) -> Bool { value?.isEmptyValue ?? true }
}
