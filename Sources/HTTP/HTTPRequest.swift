/// One request. Redirects are never followed and no environment variable is read.
package struct HTTPRequest: Sendable {
    /// A transfer that moves fewer than `bytes`, both directions together, `within` that time is given up as
    /// `.timeout`. Counts from the start of the request, again after each `bytes`, and not while nobody reads
    /// the stream.
    package struct LowSpeed: Sendable, Equatable {
        package var bytes: Int
        package var within: Duration

        package init(bytes: Int, within: Duration) {
            self.bytes = bytes
            self.within = within
        }

        /// No byte at all for that long.
        package static func silence(_ limit: Duration) -> LowSpeed { LowSpeed(bytes: 1, within: limit) }
    }

    package var method: HTTPMethod
    /// Absolute, http or https, without credentials. Sent as it is: path and query must be percent-encoded
    /// already.
    package var url: String
    /// Sent in this order. `Content-Length` is the client's to set.
    package var headers: HTTPHeaders
    package var body: [UInt8]
    /// In place of `body`.
    package var upload: HTTPUpload?
    /// For `send`: from the call to the last byte. For `stream`: from the call to the end of the head.
    /// Includes the time in the client's queue. Nil waits for ever.
    package var timeout: Duration?
    /// Name lookup, TCP and TLS together.
    package var connectTimeout: Duration = .seconds(10)
    package var lowSpeed: LowSpeed?
    /// Connects to this socket (at most 107 bytes of path); the URL's host is then only a name.
    package var unixSocketPath: String?
    /// The most bytes of response content. Nil: 32 MiB for `send`, no limit for `stream`, which holds only a
    /// window.
    package var maxResponseBytes: Int?
    package var tls = TLSSettings()
    /// Whether a request may be sent a second time, on a new connection, when a kept one turns out to be
    /// dead. Starts as the method says; set it for a POST that the server recognises when repeated.
    package var isIdempotent: Bool

    /// What `send` accepts unless the request says otherwise.
    static let defaultMaxResponseBytes = 32 << 20

    package init(
        _ method: HTTPMethod = .get, _ url: String, headers: HTTPHeaders = [:], body: [UInt8] = [],
        timeout: Duration? = .seconds(30)
    ) {
        self.method = method
        self.url = url
        self.headers = headers
        self.body = body
        self.timeout = timeout
        isIdempotent = method.isIdempotent
    }
}

extension HTTPRequest {
    /// Of the request's content, bytes.
    var contentLength: Int { upload?.length ?? body.count }
}

extension HTTPRequest: CustomStringConvertible, CustomReflectable {
    /// Method and host: paths and queries of signed URLs, headers and bodies can hold secrets.
    package var description: String {
        let authority: String
        do throws(HTTPError) { authority = try URLParts(url).authority } catch { authority = "(invalid URL)" }
        return "\(method.rawValue) \(authority), \(contentLength) bytes"
    }

    package var customMirror: Mirror { Mirror(self, children: []) }
}
