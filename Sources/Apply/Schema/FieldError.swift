import Documents
package import Tree

/// One thing wrong with one field, in the words and causes of Kubernetes' field errors
/// (k8s.io/apimachinery, pkg/util/validation/field).
package struct FieldError: Sendable, Hashable {
    package enum Cause: String, Sendable, Hashable {
        case required = "FieldValueRequired"
        case invalid = "FieldValueInvalid"
        case notSupported = "FieldValueNotSupported"
        case typeInvalid = "FieldValueTypeInvalid"
        case tooLong = "FieldValueTooLong"
        case tooMany = "FieldValueTooMany"
        case forbidden = "FieldValueForbidden"
        case duplicate = "FieldValueDuplicate"

        /// How the message of such an error begins.
        var word: String {
            switch self {
            case .required: "Required value"
            case .invalid, .typeInvalid: "Invalid value"
            case .notSupported: "Unsupported value"
            case .tooLong: "Too long"
            case .tooMany: "Too many"
            case .forbidden: "Forbidden"
            case .duplicate: "Duplicate value"
            }
        }

        /// Errors after which rules over the whole object say nothing useful, as the real server has them.
        var blocksRules: Bool {
            switch self {
            case .required, .notSupported, .typeInvalid, .tooLong, .tooMany: true
            case .invalid, .forbidden, .duplicate: false
            }
        }
    }

    package let cause: Cause
    /// Nil where the error is about no field in particular; Kubernetes prints `<nil>`.
    package let path: FieldPath?
    /// The refused value, where naming it helps.
    package let value: Tree?
    package let detail: String
    /// What the field is called where its path alone does not say it.
    private let name: String?

    package init(
        _ cause: Cause, _ path: FieldPath?, named name: String? = nil, value: Tree? = nil, _ detail: String = ""
    ) {
        self.cause = cause
        self.path = path
        self.name = name
        self.value = value
        self.detail = detail
    }

    /// Without the path: the `message` of a Status cause.
    package var message: String {
        var text = cause.word
        if let value { text += ": \(FieldError.shown(value))" }
        if !detail.isEmpty { text += ": \(detail)" }
        return text
    }

    package var field: String { name ?? path?.description ?? "<nil>" }

    /// A value longer than this is cut: the reader has it, and the Status must stay small.
    private static let longestShown = 256

    private static func shown(_ value: Tree) -> String {
        let text = JSON.text(value)
        guard text.utf8.count > longestShown else { return text }
        return "\(text.prefix(longestShown))…"
    }
}

extension FieldError: CustomStringConvertible {
    package var description: String { "\(field): \(message)" }
}

extension [FieldError] {
    var blockRules: Bool { contains { $0.cause.blocksRules } }
}
