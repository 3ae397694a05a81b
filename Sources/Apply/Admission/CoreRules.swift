import Documents
import Model
import Tree

/// What holds of Kubernetes' own kinds beyond their types (k8s.io/kubernetes, pkg/apis/core/validation and
/// pkg/apis/coordination/validation). Types were read before.
enum CoreRules {
    /// Bytes of all values of a ConfigMap or Secret.
    static let dataLimit = 1 << 20

    static func check(_ new: Tree, old: Tree?, _ kind: Kind, _ apiVersion: String) -> [FieldError] {
        var errors: [FieldError] = []
        if let old { errors += change(new, old, kind) }
        switch kind {
        case .configMap: errors += configMap(new)
        case .secret: errors += secret(new)
        case .lease: errors += lease(new["spec"] ?? .emptyObject)
        case .namespace: errors += namespace(new) + quota(new)
        case .event: errors += EventRules.check(new, old: old, apiVersion)
        default: break
        }
        return errors
    }

    // MARK: What may not change

    private static func change(_ new: Tree, _ old: Tree, _ kind: Kind) -> [FieldError] {
        var errors: [FieldError] = []
        if kind == .secret, let type = old["type"], new["type"] != type {
            errors.append(FieldError(.invalid, ["type"], value: new["type"] ?? "", "field is immutable"))
        }
        if kind == .namespace, new["status"] != old["status"] {
            let isEnding = new["metadata"]?["deletionTimestamp"] != nil
            let phase = isEnding ? "Terminating" : "Active"
            if new["status"]?["phase"]?.string != phase {
                errors.append(
                    FieldError(
                        .invalid, ["status", "Phase"], value: new["status"]?["phase"] ?? "",
                        "may only be '\(phase)' if `deletionTimestamp` is \(isEnding ? "not " : "")empty"))
            }
        }
        guard kind == .secret || kind == .configMap, old["immutable"] == true else { return errors }
        func forbid(_ name: String) {
            errors.append(FieldError(.forbidden, [name], "field is immutable when `immutable` is set"))
        }
        if new["immutable"] != true { forbid("immutable") }
        for name in kind == .secret ? ["data"] : ["data", "binaryData"] where new[name] != old[name] { forbid(name) }
        return errors
    }

    // MARK: Data

    private static func configMap(_ tree: Tree) -> [FieldError] {
        let data = tree["data"]?.object ?? Members()
        let binary = tree["binaryData"]?.object ?? Members()
        var errors: [FieldError] = []
        var bytes = 0
        for member in data {
            errors += key(member.key, "data")
            if binary[member.key] != nil {
                errors.append(
                    error(
                        .invalid, "data", member.key, value: .string(member.key),
                        "duplicate of key present in binaryData"))
            }
            bytes += member.value.string?.utf8.count ?? 0
        }
        for member in binary {
            errors += key(member.key, "binaryData")
            bytes += size(member.value)
        }
        if bytes > dataLimit { errors.append(FieldError(.tooLong, [], "may not be more than \(dataLimit) bytes")) }
        return errors
    }

    private static func key(_ key: String, _ member: String) -> [FieldError] {
        NameRules.dataKey(key).map { error(.invalid, member, key, value: .string(key), $0) }
    }

    /// About one value of a map: its key stands in brackets.
    private static func error(
        _ cause: FieldError.Cause, _ member: String, _ key: String, value: Tree? = nil, _ detail: String = ""
    ) -> FieldError {
        FieldError(
            cause, FieldPath([.field(member), .field(key)]), named: "\(member)[\(key)]", value: value, detail)
    }

    /// Of bytes in base64.
    private static func size(_ value: Tree) -> Int {
        let text = value.string ?? ""
        return text.utf8.count / 4 * 3 - text.utf8.suffix(2).count { $0 == UInt8(ascii: "=") }
    }

    private static func secret(_ tree: Tree) -> [FieldError] {
        let data = tree["data"]?.object ?? Members()
        var errors = data.flatMap { key($0.key, "data") }
        if data.reduce(0, { $0 + size($1.value) }) > dataLimit {
            errors.append(FieldError(.tooLong, ["data"], "may not be more than \(dataLimit) bytes"))
        }
        func require(_ key: String) { errors.append(error(.required, "data", key)) }
        func requireJSON(_ key: String) {
            guard let value = data[key]?.string else { return require(key) }
            // try?: a Secret's own text must not be told by an error.
            guard let bytes = Base64.decode(value), let parsed = try? JSON.parse(bytes), case .object = parsed else {
                errors.append(
                    error(.invalid, "data", key, value: "<secret contents redacted>", "it must be a JSON object"))
                return
            }
        }
        switch tree["type"]?.string {
        case "kubernetes.io/service-account-token":
            let name = "kubernetes.io/service-account.name"
            if (tree["metadata"]?["annotations"]?[name]?.string ?? "").isEmpty {
                errors.append(FieldError(.required, ["metadata", "annotations", name]))
            }
        case "kubernetes.io/dockercfg": requireJSON(".dockercfg")
        case "kubernetes.io/dockerconfigjson": requireJSON(".dockerconfigjson")
        case "kubernetes.io/basic-auth":
            if data["username"] == nil, data["password"] == nil { ["username", "password"].forEach(require) }
        case "kubernetes.io/ssh-auth": if data["ssh-privatekey"].map(size) ?? 0 == 0 { require("ssh-privatekey") }
        case "kubernetes.io/tls": for key in ["tls.crt", "tls.key"] where data[key] == nil { require(key) }
        default: break
        }
        return errors
    }

    // MARK: Lease and Namespace

    /// Our own: what the objects of a namespace may take.
    private static func quota(_ tree: Tree) -> [FieldError] {
        let annotations = tree["metadata"]?["annotations"]
        return NamespaceQuota.Resource.allCases.compactMap { resource in
            let name = resource.annotation
            guard let value = annotations?[name], value.string.flatMap(NamespaceQuota.limit) == nil else { return nil }
            return FieldError(
                .invalid, ["metadata", "annotations", name], value: value,
                "must be a whole number that is not negative, such as 2000 or 512Mi")
        }
    }

    private static func lease(_ spec: Tree) -> [FieldError] {
        var errors: [FieldError] = []
        if let seconds = spec["leaseDurationSeconds"]?.int, seconds <= 0 {
            errors.append(
                FieldError(.invalid, ["spec", "leaseDurationSeconds"], value: .int(seconds), "must be greater than 0"))
        }
        if let count = spec["leaseTransitions"]?.int, count < 0 {
            errors.append(
                FieldError(
                    .invalid, ["spec", "leaseTransitions"], value: .int(count), "must be greater than or equal to 0"))
        }
        return errors
    }

    private static func namespace(_ tree: Tree) -> [FieldError] {
        let path: FieldPath = ["spec", "finalizers"]
        let finalizers = (tree["spec"]?["finalizers"]?.array ?? []).map { $0.string ?? "" }
        return finalizers.flatMap { MetadataCheck.invalid(path, $0, NameRules.key($0)) }
            + MetadataCheck.unqualified(finalizers, path)
    }
}
