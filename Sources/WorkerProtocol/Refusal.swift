package import Model
package import Tree

/// Why the gateway does not do what an agent asks.
package struct Refusal: Error, Structured, Hashable, CustomStringConvertible {
    package enum Code: String, FieldEnum {
        /// Not a message of this protocol, or past its bounds.
        case invalid = "Invalid"
        /// The token or credential is not that worker's.
        case unauthorised = "Unauthorised"
        /// The worker may not touch that task.
        case forbidden = "Forbidden"
        /// A later start of the same worker's agent has taken over.
        case superseded = "Superseded"
        /// The worker does not exist, or does no more.
        case gone = "Gone"
        case tooLarge = "TooLarge"
        case unsupported = "Unsupported"
        /// This controller does not lead, or not yet: come again.
        case notLeading = "NotLeading"

        package var status: Int {
            switch self {
            case .invalid: 400
            case .unauthorised: 401
            case .forbidden: 403
            case .superseded: 409
            case .gone: 410
            case .tooLarge: 413
            case .unsupported: 426
            case .notLeading: 503
            }
        }

        /// Whether asking again, with the same right, can never help.
        package var isFinal: Bool {
            switch self {
            case .unauthorised, .superseded, .gone, .unsupported: true
            case .invalid, .forbidden, .tooLarge, .notLeading: false
            }
        }
    }

    package var code = Code.notLeading
    package var message = ""

    package init() {}
    package init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    /// The refusal in an answer; nil where status and body do not agree: then something between us answered, and an
    /// agent does not end its attempts on the word of a proxy.
    package init?(status: Int, body: Tree) {
        // try?: see above.
        guard let refusal = try? Refusal(tree: body), refusal.code.status == status else { return nil }
        self = refusal
    }

    package static let shape = Shape<Refusal>(
        "Why a request was refused.",
        .required("code", \.code, "The cause, in one word."),
        .text("message", \.message, "The cause, in a sentence."))

    package var description: String { "\(code.rawValue): \(message)" }
}
