package import Tree

/// Names of field managers (apimachinery, pkg/apis/meta/v1/validation).
package enum ManagerName {
    private static let limit = 128

    /// What is wrong with a name, none where it is right or empty.
    package static func errors(_ name: String, _ path: FieldPath) -> [FieldError] {
        var errors: [FieldError] = []
        if name.utf8.count > limit {
            errors.append(FieldError(.tooLong, path, "may not be more than \(limit) bytes"))
        }
        var offset = 0
        for scalar in name.unicodeScalars {
            if !isPrintable(scalar) {
                let code = String(scalar.value, radix: 16, uppercase: true)
                let digits = String(repeating: "0", count: max(0, 4 - code.count)) + code
                errors.append(
                    FieldError(
                        .invalid, path, value: .string(name), "invalid character U+\(digits) (at position \(offset))"))
            }
            offset += scalar.utf8.count
        }
        return errors
    }

    /// The manager that a program is which names none: the word before the first slash of its User-Agent.
    package static func ofAgent(_ agent: String) -> String {
        var name = String.UnicodeScalarView()
        var bytes = 0
        for scalar in agent.unicodeScalars.prefix(while: { $0 != "/" }) where isPrintable(scalar) {
            bytes += scalar.utf8.count
            if bytes > limit { break }
            name.append(scalar)
        }
        return String(name)
    }

    private static func isPrintable(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .control, .format, .surrogate, .privateUse, .unassigned, .lineSeparator, .paragraphSeparator: false
        case .spaceSeparator: scalar == " "
        default: true
        }
    }
}
