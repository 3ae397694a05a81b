import CCurl

extension Transfer {
    private static let bufferBytes = 16 << 10
    private static let keepAliveIdleSeconds = 30
    private static let keepAliveIntervalSeconds = 10

    /// CURLE_OK, or the code of the first option that was refused.
    func setOptions() -> CURLcode {
        var options = OptionSetter(easy: easy)
        setTransport(&options)
        setRequest(&options)
        setTLS(&options)
        setCallbacks(&options)
        return options.result
    }

    private func setTransport(_ options: inout OptionSetter) {
        let request = exchange.prepared.request
        options.set(CURLOPT_URL, exchange.prepared.url)
        options.set(CURLOPT_PROTOCOLS_STR, "http,https")
        options.set(CURLOPT_HTTP_VERSION, Int(CURL_HTTP_VERSION_1_1))
        options.set(CURLOPT_FOLLOWLOCATION, 0)
        options.set(CURLOPT_PATH_AS_IS, 1)
        // No signal handler of libcurl's, and no waiting for a name lookup that nobody waits for any more.
        options.set(CURLOPT_NOSIGNAL, 1)
        options.set(CURLOPT_QUICK_EXIT, 1)
        options.set(CURLOPT_BUFFERSIZE, Self.bufferBytes)
        options.set(CURLOPT_UPLOAD_BUFFERSIZE, Self.bufferBytes)
        options.set(CURLOPT_TCP_KEEPALIVE, 1)
        options.set(CURLOPT_TCP_KEEPIDLE, Self.keepAliveIdleSeconds)
        options.set(CURLOPT_TCP_KEEPINTVL, Self.keepAliveIntervalSeconds)
        options.set(CURLOPT_CONNECTTIMEOUT_MS, max(1, milliseconds(request.connectTimeout)))
        // An empty text, not NULL: NULL would have libcurl look into the environment.
        options.set(CURLOPT_PROXY, exchange.prepared.settings.proxy ?? "")
        options.set(CURLOPT_NOPROXY, "")
        options.set(CURLOPT_SUPPRESS_CONNECT_HEADERS, 1)
        if let path = request.unixSocketPath { options.set(CURLOPT_UNIX_SOCKET_PATH, path) }
        if let connectTo = exchange.prepared.connectTo {
            connectToList = options.append(connectTo, to: connectToList)
            options.set(CURLOPT_CONNECT_TO, connectToList)
        }
    }

    private func setRequest(_ options: inout OptionSetter) {
        let request = exchange.prepared.request
        for line in exchange.prepared.headerLines { headerList = options.append(line, to: headerList) }
        options.set(CURLOPT_HTTPHEADER, headerList)
        if let agent = exchange.prepared.settings.userAgent { options.set(CURLOPT_USERAGENT, agent) }
        if request.method == .head {
            options.set(CURLOPT_NOBODY, 1)
        } else if request.method.expectsContent || request.contentLength > 0 {
            options.set(CURLOPT_POST, 1)
            options.set(offset: CURLOPT_POSTFIELDSIZE_LARGE, request.contentLength)
            options.set(CURLOPT_CUSTOMREQUEST, request.method.rawValue)
        } else {
            options.set(CURLOPT_HTTPGET, 1)
            options.set(CURLOPT_CUSTOMREQUEST, request.method.rawValue)
        }
    }

    private func setTLS(_ options: inout OptionSetter) {
        let tls = exchange.prepared.request.tls
        options.set(CURLOPT_SSL_VERIFYPEER, 1)
        options.set(CURLOPT_SSL_VERIFYHOST, 2)
        options.set(CURLOPT_SSLVERSION, Int(CURL_SSLVERSION_TLSv1_2))
        if let ca = tls.caPEM {
            // The built-in directory of certificates would be trusted beside the blob.
            options.set(CURLOPT_CAPATH, nil as String?)
            options.set(CURLOPT_CAINFO, nil as String?)
            options.set(blob: CURLOPT_CAINFO_BLOB, ca)
        }
        if let certificate = tls.certificatePEM {
            options.set(CURLOPT_SSLCERTTYPE, "PEM")
            options.set(blob: CURLOPT_SSLCERT_BLOB, certificate)
        }
        if let key = tls.keyPEM {
            options.set(CURLOPT_SSLKEYTYPE, "PEM")
            options.set(blob: CURLOPT_SSLKEY_BLOB, key)
        }
    }

    private func milliseconds(_ duration: Duration) -> Int {
        let (seconds, attoseconds) = min(max(duration, .zero), .seconds(86_400)).components
        return Int(seconds * 1000 + attoseconds / 1_000_000_000_000_000)
    }
}

/// Sets options one after the other and remembers the first refusal.
struct OptionSetter {
    let easy: UnsafeMutableRawPointer
    private(set) var result = CURLE_OK

    init(easy: UnsafeMutableRawPointer) { self.easy = easy }

    mutating func note(_ code: CURLcode) {
        if result == CURLE_OK { result = code }
    }

    mutating func set(_ option: CURLoption, _ value: Int) { note(ccurl_set_long(easy, option, value)) }
    mutating func set(_ option: CURLoption, _ value: String?) { note(ccurl_set_text(easy, option, value)) }

    mutating func set(_ option: CURLoption, _ value: UnsafeMutableRawPointer) {
        note(ccurl_set_pointer(easy, option, value))
    }

    mutating func set(_ option: CURLoption, _ list: UnsafeMutablePointer<curl_slist>?) {
        note(ccurl_set_list(easy, option, list))
    }

    mutating func set(offset option: CURLoption, _ value: Int) {
        note(ccurl_set_offset(easy, option, curl_off_t(value)))
    }

    mutating func set(blob option: CURLoption, _ bytes: [UInt8]) {
        note(bytes.withUnsafeBytes { ccurl_set_blob(easy, option, $0.baseAddress, $0.count) })
    }

    /// The longer list; the one given when there is no memory.
    mutating func append(
        _ text: String, to list: UnsafeMutablePointer<curl_slist>?
    ) -> UnsafeMutablePointer<curl_slist>? {
        guard let longer = curl_slist_append(list, text) else {
            note(CURLE_OUT_OF_MEMORY)
            return list
        }
        return longer
    }
}
