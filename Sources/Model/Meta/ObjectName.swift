/// What names, label keys and label values may look like: RFC 1123 and Kubernetes' rules on top of it
/// (k8s.io/apimachinery, util/validation).
package enum ObjectName {
    /// A subdomain of RFC 1123, what Kubernetes takes as the name of an object: labels joined by dots, at
    /// most 253 characters. Each part's length is not bounded, as it is not there.
    package static func isValid(_ name: String) -> Bool {
        guard (1...253).contains(name.utf8.count) else { return false }
        var last = UInt8(ascii: ".")
        for byte in name.utf8 {
            switch byte {
            case UInt8(ascii: "."): if !isLowerOrDigit(last) { return false }
            case UInt8(ascii: "-"): if last == UInt8(ascii: ".") { return false }
            default: if !isLowerOrDigit(byte) { return false }
            }
            last = byte
        }
        return isLowerOrDigit(last)
    }

    /// A label of RFC 1123: what namespaces are called.
    package static func isLabel(_ name: String) -> Bool {
        name.utf8.count <= 63 && isLowerPart(Substring(name))
    }

    /// The value of a label: empty, or up to 63 letters, digits, `-`, `_` and `.`, letters or digits at both
    /// ends.
    package static func isLabelValue(_ value: String) -> Bool {
        value.isEmpty || isQualified(Substring(value))
    }

    /// The key of a label or annotation: a name as label values have, optionally after a subdomain and a
    /// slash.
    package static func isLabelKey(_ key: String) -> Bool {
        let parts = key.split(separator: "/", omittingEmptySubsequences: false)
        switch parts.count {
        case 1: return isQualified(parts[0])
        case 2: return isValid(String(parts[0])) && isQualified(parts[1])
        default: return false
        }
    }

    private static func isLowerPart(_ part: Substring) -> Bool {
        guard let first = part.utf8.first, let last = part.utf8.last else { return false }
        return isLowerOrDigit(first) && isLowerOrDigit(last)
            && part.utf8.allSatisfy { isLowerOrDigit($0) || $0 == UInt8(ascii: "-") }
    }

    private static func isQualified(_ text: Substring) -> Bool {
        guard text.utf8.count <= 63, let first = text.utf8.first, let last = text.utf8.last else {
            return false
        }
        func alphanumeric(_ byte: UInt8) -> Bool { isLowerOrDigit(byte) || (0x41...0x5A).contains(byte) }
        return alphanumeric(first) && alphanumeric(last)
            && text.utf8.allSatisfy { alphanumeric($0) || $0 == 0x2D || $0 == 0x2E || $0 == 0x5F }
    }

    private static func isLowerOrDigit(_ byte: UInt8) -> Bool {
        (0x30...0x39).contains(byte) || (0x61...0x7A).contains(byte)
    }
}
