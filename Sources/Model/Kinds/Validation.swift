package import Tree

/// What the schema of a kind can't see in an object: names, and what follows from several fields together.
/// Run it on an object that the schema accepts and that is defaulted; paths begin at the object.
package func semanticIssues(kind: Kind, tree: Tree) -> [DecodingIssue] {
    var issues = metadataIssues(kind: kind, metadata: tree["metadata"] ?? .emptyObject)
    func spec<S: Structured>(_: S.Type, _ check: (S) -> [DecodingIssue]) {
        do throws(DecodingIssue) {
            issues += check(try S(tree: tree["spec"] ?? .emptyObject))
        } catch {
            issues.append(error.under(.field("spec")))
        }
    }
    switch kind {
    case .region: spec(RegionSpec.self) { $0.validate() }
    case .workerPool: spec(WorkerPoolSpec.self) { $0.validate() }
    case .executionPlan: spec(ExecutionPlanSpec.self) { $0.validate() }
    case .syncPoint: spec(SyncPointSpec.self) { $0.validate() }
    case .worker:
        spec(WorkerSpec.self) {
            $0.env.issues(at: ["spec", "env"]) + $0.lease.issues(at: ["spec", "lease"])
        }
    case .task: spec(TaskSpec.self) { $0.run.env.issues(at: ["spec", "run", "env"]) }
    case .namespace, .secret, .configMap, .event, .lease, .serviceAccount: break
    }
    return issues
}

/// Kubernetes' rules for names, labels and annotations, and ours: what is used as the value of a label fits
/// in one.
private func metadataIssues(kind: Kind, metadata: Tree) -> [DecodingIssue] {
    var issues: [DecodingIssue] = []
    func report(_ path: FieldPath, _ message: String) {
        issues.append(DecodingIssue(path: path, message: message))
    }
    if let name = metadata["name"]?.string, !name.isEmpty {
        let path: FieldPath = ["metadata", "name"]
        if kind == .namespace, !ObjectName.isLabel(name) {
            report(path, "\"\(name)\" is no RFC 1123 label: lower-case letters, digits and -, at most 63")
        } else if !ObjectName.isValid(name) {
            report(
                path, "\"\(name)\" is no RFC 1123 subdomain: lower-case letters, digits, - and ., at most 253"
            )
        } else if [.region, .workerPool, .executionPlan].contains(kind), name.utf8.count > 63 {
            report(path, "must be no more than 63 characters, since it is also the value of a label")
        }
    }
    if let namespace = metadata["namespace"]?.string {
        if !kind.namespaced {
            if !namespace.isEmpty {
                report(["metadata", "namespace"], "\(kind.rawValue) has no namespace: leave it out")
            }
        } else if !ObjectName.isLabel(namespace) {
            report(["metadata", "namespace"], "\"\(namespace)\" is no RFC 1123 label")
        }
    }
    for label in metadata["labels"]?.object ?? Members() {
        let path: FieldPath = ["metadata", "labels"]
        if !ObjectName.isLabelKey(label.key) { report(path + label.key, "is no key of a label") }
        if let value = label.value.string, !ObjectName.isLabelValue(value) {
            report(
                path + label.key,
                "\"\(value)\" is no value of a label: letters, digits, -, _ and ., at most 63")
        }
    }
    var size = 0
    for annotation in metadata["annotations"]?.object ?? Members() {
        if !ObjectName.isLabelKey(annotation.key) {
            report(["metadata", "annotations"] + annotation.key, "is no key of an annotation")
        }
        size += annotation.key.utf8.count + (annotation.value.string?.utf8.count ?? 0)
    }
    if size > 262_144 {
        report(["metadata", "annotations"], "\(size) bytes in all; at most 262144 are kept")
    }
    return issues
}

extension RegionSpec {
    package func validate() -> [DecodingIssue] {
        var issues: [DecodingIssue] = []
        func bound(_ value: Decimal?, _ range: ClosedRange<Int64>, _ path: FieldPath) {
            guard let value,
                !(range.lowerBound * 1_000_000...range.upperBound * 1_000_000).contains(value.micros)
            else { return }
            let text = "\"\(value.text)\" is not from \"\(range.lowerBound)\" to \"\(range.upperBound)\""
            issues.append(DecodingIssue(path: path, message: text))
        }
        bound(availability, 0...1, ["spec", "availability"])
        bound(location?.latitude, -90...90, ["spec", "location", "latitude"])
        bound(location?.longitude, -180...180, ["spec", "location", "longitude"])
        bound(pricing.multiplier, 0...1000, ["spec", "pricing", "multiplier"])
        if let docker = provider.docker { issues += docker.issues(at: ["spec", "provider", "docker"]) }
        return issues
    }
}

extension WorkerPoolSpec {
    package func validate() -> [DecodingIssue] { issues(at: ["spec"]) }

    func issues(at path: FieldPath) -> [DecodingIssue] {
        var issues: [DecodingIssue] = []
        if minWorkers > maxWorkers {
            issues.append(DecodingIssue(path: path, message: "minWorkers must not exceed maxWorkers"))
        }
        issues += worker.env.issues(at: path + "worker" + "env")
        issues += lease.issues(at: path + "lease")
        if let healthCheck { issues += healthCheck.issues(at: path + "healthCheck") }
        for key in worker.labels.keys.sorted() where !ObjectName.isLabelKey(key) {
            issues.append(
                DecodingIssue(path: path + "worker" + "labels" + key, message: "is no key of a label"))
        }
        return issues
    }
}

extension SyncPointSpec {
    package func validate() -> [DecodingIssue] {
        var issues = communication.issues(at: ["spec", "communication"])
        func report(_ path: FieldPath, _ message: String) {
            issues.append(DecodingIssue(path: path, message: message))
        }
        if participants.isEmpty { report(["spec", "participants"], "a point needs somebody to wait for") }
        var seen = Set<String>()
        for (index, participant) in participants.enumerated() {
            let path: FieldPath = ["spec", "participants"] + index
            if !seen.insert(participant.identity).inserted {
                report(path, "\(participant.identity) is there twice")
            }
            if let region = participant.region, plan == nil {
                report(path + "region", "region \"\(region)\" arrives by a plan's tasks: set spec.plan")
            }
            if let other = participant.plan, other == plan {
                report(path + "plan", "the point's own plan takes part by its regions")
            }
        }
        if quorum > participants.count {
            report(["spec", "quorum"], "\(quorum) of \(participants.count) parties can never arrive")
        }
        return issues
    }
}

// Parts that several kinds share.
extension [EnvironmentVariable] {
    func issues(at path: @autoclosure () -> FieldPath) -> [DecodingIssue] {
        var issues: [DecodingIssue] = []
        for (index, variable) in enumerated() {
            if variable.value != nil, variable.secretRef != nil {
                issues.append(DecodingIssue(path: path() + index, message: "set value or secretRef, not both"))
            }
            if variable.name.utf8.contains(where: { $0 == UInt8(ascii: "=") || $0 == 0 }) {
                issues.append(
                    DecodingIssue(path: path() + index + "name", message: "no environment has such a name"))
            }
        }
        return issues
    }
}

extension LeaseSpec {
    func issues(at path: FieldPath) -> [DecodingIssue] {
        if renew < .milliseconds(100) {
            return [DecodingIssue(path: path + "renew", message: "must be at least 100ms")]
        }
        guard lostAfter < renew * 3 else { return [] }
        return [
            DecodingIssue(
                path: path + "lostAfter",
                message:
                    "must be at least three times renew (\((renew * 3).text)), or one lost report ends a worker"
            )
        ]
    }
}

extension HealthCheck {
    func issues(at path: FieldPath) -> [DecodingIssue] {
        if interval < .milliseconds(100) {
            return [DecodingIssue(path: path + "interval", message: "must be at least 100ms")]
        }
        return timeout > .zero
            ? [] : [DecodingIssue(path: path + "timeout", message: "must be longer than 0s")]
    }
}

extension Backoff {
    func issues(at path: @autoclosure () -> FieldPath) -> [DecodingIssue] {
        max >= initial ? [] : [DecodingIssue(path: path() + "max", message: "must not be shorter than initial")]
    }
}

extension Communication {
    func issues(at path: FieldPath) -> [DecodingIssue] {
        if method == .messageQueue, queue == nil {
            return [
                DecodingIssue(path: path + "queue", message: "method MessageQueue needs the name of a queue")
            ]
        }
        return timeout > .zero
            ? [] : [DecodingIssue(path: path + "timeout", message: "must be longer than 0s")]
    }
}
