package import Model

/// Kubernetes' own words for what is wrong with a name (k8s.io/apimachinery,
/// pkg/util/validation/validation.go). Each function returns the reasons, none where the text is right; what
/// is right, `ObjectName` knows.
package enum NameRules {
    /// The name of an object of the kind: a subdomain, and of a namespace a single label.
    package static func name(_ text: String, of kind: Kind) -> [String] {
        switch kind {
        case .namespace: label(text)
        case .event: pathSegment(text)
        default: subdomain(text)
        }
    }

    /// The beginning of a name that is to be made: what follows it is a letter or digit.
    static func prefix(_ text: String, of kind: Kind) -> [String] {
        let isCut = text.utf8.count > 1 && text.hasSuffix("-")
        return name(isCut ? text.dropLast(2) + "a" : text, of: kind)
    }

    /// What a name must be at the least, to stand in a path.
    static func pathSegment(_ text: String) -> [String] {
        if text == "." || text == ".." { return ["may not be '\(text)'"] }
        return ["/", "%"].filter { text.contains($0) }.map { "may not contain '\($0)'" }
    }

    /// A key of the data of a ConfigMap or Secret.
    static func dataKey(_ text: String) -> [String] {
        var reasons: [String] = []
        if text.utf8.count > 253 { reasons.append("must be no more than 253 bytes") }
        let isWord = text.utf8.allSatisfy { byte in
            (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
                || [0x2D, 0x2E, 0x5F].contains(byte)
        }
        if text.isEmpty || !isWord { reasons.append(dataKeyForm) }
        if text == "." || text == ".." {
            reasons.append("must not be '\(text)'")
        } else if text.hasPrefix("..") {
            reasons.append("must not start with '..'")
        }
        return reasons
    }

    private static let dataKeyForm =
        "a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',  or "
        + "'KEY_NAME',  or 'key-name', regex used for validation is '[-._a-zA-Z0-9]+')"

    static func subdomain(_ text: String) -> [String] {
        if text.utf8.count > 253 { return ["must be no more than 253 bytes"] }
        return ObjectName.isValid(text) ? [] : [subdomainForm]
    }

    static func label(_ text: String) -> [String] {
        if text.utf8.count > 63 { return ["must be no more than 63 bytes"] }
        return ObjectName.isLabel(text) ? [] : [labelForm]
    }

    /// A key of labels or annotations, or a finalizer.
    package static func key(_ text: String) -> [String] {
        guard !ObjectName.isLabelKey(text) else { return [] }
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count <= 2, let name = parts.last else {
            return [
                "a qualified name \(nameForm) with an optional DNS subdomain prefix and '/' (e.g. "
                    + "'example.com/MyName')"
            ]
        }
        var reasons: [String] = []
        if parts.count == 2 {
            let prefix = parts[0].isEmpty ? ["must be non-empty"] : subdomain(String(parts[0]))
            reasons += prefix.map { "prefix part \($0)" }
        }
        if name.isEmpty {
            reasons.append("name part must be non-empty")
        } else if name.utf8.count > 63 {
            reasons.append("name part must be no more than 63 bytes")
        } else if !ObjectName.isLabelKey(String(name)) {
            reasons.append("name part \(nameForm)")
        }
        return reasons
    }

    package static func labelValue(_ text: String) -> [String] {
        if text.utf8.count > 63 { return ["must be no more than 63 bytes"] }
        return ObjectName.isLabelValue(text) ? [] : [valueForm]
    }

    private static let subdomainForm =
        "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', "
        + "and must start and "
        + "end with an alphanumeric character (e.g. 'example.com', regex used for validation is "
        + #"'[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')"#
    private static let labelForm =
        "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must "
        + "start and end with "
        + "an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is "
        + "'[a-z0-9]([-a-z0-9]*[a-z0-9])?')"
    private static let nameForm =
        "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an "
        + "alphanumeric character "
        + "(e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is "
        + "'([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')"
    private static let valueForm =
        "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', "
        + "and must start and "
        + "end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used "
        + "for validation is "
        + "'(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')"
}
