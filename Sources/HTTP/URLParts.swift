import CCurl

/// A URL as libcurl reads it, so that what is checked is what is connected to.
struct URLParts: Equatable {
    let scheme: String
    /// IPv6 in brackets.
    let host: String
    /// The scheme's own when the URL has none.
    let port: String
    /// `host`, or `host:port` where the URL names a port: what errors and the Host header say.
    let authority: String

    /// Throws `.invalidURL`; the text never repeats the URL, which may hold secrets.
    init(_ text: String) throws(HTTPError) {
        guard text.utf8.count <= 64 << 10 else { throw Self.refusal("it is longer than 64 KiB") }
        guard text.utf8.allSatisfy({ $0 > 0x20 && $0 != 0x7f }) else {
            throw Self.refusal("it has a space or a control character; percent-encode it")
        }
        // libcurl would take the first word after any one to three slashes for the host.
        guard let slashes = text.firstRange(of: "://"), text[slashes.upperBound...].first != "/" else {
            throw Self.refusal("it has no host")
        }
        guard let url = curl_url() else { throw Self.refusal("libcurl has no memory for it") }
        defer { curl_url_cleanup(url) }
        let parsed = curl_url_set(url, CURLUPART_URL, text, 0)
        guard parsed == CURLUE_OK else { throw Self.refusal(String(cString: curl_url_strerror(parsed))) }
        guard let scheme = Self.part(url, CURLUPART_SCHEME), scheme == "http" || scheme == "https" else {
            throw Self.refusal("its scheme is not http or https")
        }
        guard Self.part(url, CURLUPART_USER) == nil, Self.part(url, CURLUPART_PASSWORD) == nil else {
            throw Self.refusal("it holds credentials; send them in a header")
        }
        guard let host = Self.part(url, CURLUPART_HOST) else { throw Self.refusal("it has no host") }
        self.scheme = scheme
        self.host = host
        port =
            Self.part(url, CURLUPART_PORT, UInt32(CURLU_DEFAULT_PORT)) ?? (scheme == "https" ? "443" : "80")
        authority = Self.part(url, CURLUPART_PORT).map { "\(host):\($0)" } ?? host
    }

    /// The same URL with another host.
    static func replacingHost(of text: String, by host: String) throws(HTTPError) -> String {
        guard let url = curl_url() else { throw refusal("libcurl has no memory for it") }
        defer { curl_url_cleanup(url) }
        guard curl_url_set(url, CURLUPART_URL, text, 0) == CURLUE_OK,
            curl_url_set(url, CURLUPART_HOST, host, 0) == CURLUE_OK, let whole = part(url, CURLUPART_URL)
        else {
            throw HTTPError(
                .invalidRequest, "the TLS server name is not a host name; write the certificate's name")
        }
        return whole
    }

    private static func part(_ url: OpaquePointer, _ what: CURLUPart, _ flags: UInt32 = 0) -> String? {
        var text: UnsafeMutablePointer<CChar>?
        guard curl_url_get(url, what, &text, flags) == CURLUE_OK, let text else { return nil }
        defer { curl_free(text) }
        return String(cString: text)
    }

    private static func refusal(_ why: String) -> HTTPError {
        HTTPError(.invalidURL, "the URL cannot be used: \(why); write http://HOST/PATH or https://HOST/PATH")
    }
}
