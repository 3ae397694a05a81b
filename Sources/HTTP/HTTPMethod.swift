/// The request methods this client sends.
package enum HTTPMethod: String, Sendable, CaseIterable {
    case get = "GET"
    case head = "HEAD"
    case put = "PUT"
    case post = "POST"
    case patch = "PATCH"
    case delete = "DELETE"
    case options = "OPTIONS"

    /// Whether sending the request twice has the effect of sending it once (RFC 9110, 9.2.2).
    package var isIdempotent: Bool { self != .post && self != .patch }

    /// Whether a request without content still says `Content-Length: 0` (RFC 9110, 8.6).
    var expectsContent: Bool { self == .put || self == .post || self == .patch }
}
