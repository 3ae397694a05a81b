/// A request that passed every check, in libcurl's terms. Made on the caller's side, so the loop meets no bad
/// input.
struct PreparedRequest: Sendable {
    let request: HTTPRequest
    let settings: HTTPClient.Settings
    /// The URL to give libcurl: the request's, or with the TLS server name for host.
    let url: String
    /// What errors call the server: the socket's path where that is how it is reached.
    let host: String
    /// `Name: value`, `Name;` for an empty value, `Name:` to keep libcurl from adding its own.
    let headerLines: [String]
    /// `NAME:PORT:HOST:PORT` when the TLS server name stands in for the host.
    let connectTo: String?

    /// The longest path of a Unix socket: sun_path less its NUL.
    private static let maxSocketPath = 107
    private static let maxRequestHeadBytes = 256 << 10

    init(_ request: HTTPRequest, _ settings: HTTPClient.Settings) throws(HTTPError) {
        let parts = try URLParts(request.url)
        self.request = request
        self.settings = settings
        let authority = parts.authority
        host = request.unixSocketPath ?? authority
        try Self.checkPlaces(request, settings, host)
        var lines = try Self.headerLines(request, host)
        if let name = request.tls.serverName, parts.scheme == "https" {
            url = try URLParts.replacingHost(of: request.url, by: name)
            connectTo =
                request.unixSocketPath == nil ? "\(name):\(parts.port):\(parts.host):\(parts.port)" : nil
            if request.headers["Host"] == nil { lines.append("Host: \(authority)") }
        } else {
            url = request.url
            connectTo = nil
        }
        headerLines = lines
    }

    private static func checkPlaces(
        _ request: HTTPRequest, _ settings: HTTPClient.Settings, _ host: String
    ) throws(HTTPError) {
        if let path = request.unixSocketPath {
            guard !path.isEmpty, path.utf8.count <= maxSocketPath, !path.utf8.contains(0) else {
                throw invalid(
                    host, "a Unix socket's path has 1 to \(maxSocketPath) bytes; use a shorter directory")
            }
        }
        for text in [settings.proxy, settings.userAgent, request.tls.serverName] {
            guard text?.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7f }) ?? true else {
                throw invalid(
                    host,
                    "the proxy, the user agent or the TLS server name has a control character; remove it")
            }
        }
        if request.method == .head, request.contentLength > 0 {
            throw invalid(host, "a HEAD request has no content; send none")
        }
    }

    private static func headerLines(_ request: HTTPRequest, _ host: String) throws(HTTPError) -> [String] {
        var lines: [String] = []
        for field in request.headers.fields {
            guard isToken(field.name), isFieldValue(field.value) else {
                throw invalid(
                    host, "a header's name or value has a character that HTTP does not allow; remove it")
            }
            if HTTPHeaders.sameName(field.name, "Content-Length") {
                guard field.value == "\(request.contentLength)" else {
                    throw invalid(
                        host, "Content-Length is not the length of the content; leave it to the client")
                }
                continue
            }
            guard !HTTPHeaders.sameName(field.name, "Transfer-Encoding") else {
                throw invalid(host, "Transfer-Encoding is the client's to set; leave it out")
            }
            lines.append(field.value.isEmpty ? "\(field.name);" : "\(field.name): \(field.value)")
        }
        for name in ["Content-Type", "Expect"] where request.headers[name] == nil {
            lines.append("\(name):")
        }
        guard lines.reduce(0, { $0 + $1.utf8.count + 2 }) <= maxRequestHeadBytes else {
            throw invalid(
                host, "the request's headers are larger than \(maxRequestHeadBytes) bytes; send less")
        }
        return lines
    }

    private static func invalid(_ host: String, _ why: String) -> HTTPError {
        HTTPError(.invalidRequest, "\(host): \(why)")
    }

    /// RFC 9110, 5.6.2.
    private static func isToken(_ text: String) -> Bool {
        !text.isEmpty
            && text.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "a")...UInt8(ascii: "z"):
                    true
                default: "!#$%&'*+-.^_`|~".utf8.contains(byte)
                }
            }
    }

    /// RFC 9110, 5.5: no control character but the tab, so no second header and no second request.
    private static func isFieldValue(_ text: String) -> Bool {
        text.utf8.allSatisfy { ($0 >= 0x20 && $0 != 0x7f) || $0 == 0x09 }
    }
}
