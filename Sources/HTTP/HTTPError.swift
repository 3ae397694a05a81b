/// Why there is no response. The text names the host (never the path, the query, a header or a body), why,
/// and what next.
package struct HTTPError: Error, Sendable, Equatable, CustomStringConvertible {
    package enum Code: Sendable, Equatable {
        /// Name lookup or connection failed.
        case couldNotConnect
        /// It resolved to no address that this client may dial.
        case notAllowed
        /// The peers did not agree on TLS, or one did not accept the other's certificate.
        case tls
        /// The request's timeout, its connect timeout or its low-speed limit.
        case timeout
        /// The calling task was cancelled.
        case cancelled
        /// The response's head or content is larger than allowed.
        case tooLarge
        /// The connection ended before the response did.
        case connectionLost
        case invalidURL
        /// A header, a path or a setting that cannot be sent.
        case invalidRequest
        /// The client's queue is full: nothing was sent.
        case overloaded
        /// The client was shut down.
        case closed
        /// Anything else, with libcurl's CURLcode.
        case other(Int)
    }

    package let code: Code
    package let text: String
    /// Whether the server may have acted on the request: true as soon as a byte of it may have left this
    /// machine. False means that sending it again is safe whatever its method.
    package let mayHaveBeenApplied: Bool

    package init(_ code: Code, _ text: String, mayHaveBeenApplied: Bool = false) {
        self.code = code
        self.text = text
        self.mayHaveBeenApplied = mayHaveBeenApplied
    }

    package var description: String { text }
}

extension HTTPError {
    static func cancelled(_ host: String, sent: Bool) -> HTTPError {
        HTTPError(
            .cancelled, "\(host): the request was cancelled by its caller\(outcome(sent))",
            mayHaveBeenApplied: sent)
    }

    static func timedOut(_ host: String, sent: Bool) -> HTTPError {
        let why = sent ? "no complete response in time" : "the request was not sent in time"
        return HTTPError(
            .timeout, "\(host): \(why)\(outcome(sent)); check that the server is well, or allow more time",
            mayHaveBeenApplied: sent)
    }

    static func tooSlow(_ host: String, _ minimum: HTTPRequest.LowSpeed) -> HTTPError {
        HTTPError(
            .timeout,
            "\(host): fewer than \(minimum.bytes) bytes moved within \(minimum.within)\(outcome(true)); "
                + "check that the server is well and the network holds",
            mayHaveBeenApplied: true)
    }

    static func closed(_ host: String, sent: Bool) -> HTTPError {
        HTTPError(
            .closed, "\(host): the HTTP client was shut down\(outcome(sent)); send through a new client",
            mayHaveBeenApplied: sent)
    }

    static func overloaded(_ host: String, limit: Int) -> HTTPError {
        HTTPError(
            .overloaded,
            "\(host): \(limit) requests are under way or waiting, the most this client holds; try again later"
        )
    }

    static func contentTooLarge(_ host: String, limit: Int) -> HTTPError {
        HTTPError(
            .tooLarge,
            "\(host): the response has more than \(limit) bytes of content; ask for a page, or allow more",
            mayHaveBeenApplied: true)
    }

    static func headTooLarge(_ host: String, limit: Int) -> HTTPError {
        HTTPError(
            .tooLarge,
            "\(host): the response has more than \(limit) bytes or \(HeadParser.maxFields) fields of head; "
                + "check that the address is the right server's",
            mayHaveBeenApplied: true)
    }

    /// What an interrupted request left open, as a clause.
    static func outcome(_ sent: Bool) -> String {
        sent ? "; the server may have acted on it" : "; nothing was sent"
    }
}
