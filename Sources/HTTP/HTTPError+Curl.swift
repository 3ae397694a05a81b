import CCurl

extension HTTPError {
    /// The meaning of a CURLcode (libcurl-errors(3)). `detail` is libcurl's own text for this transfer.
    static func curl(_ code: CURLcode, detail: String, host: String, sent: Bool) -> HTTPError {
        let why = detail.isEmpty ? String(cString: curl_easy_strerror(code)) : detail
        switch code {
        // Of a socket libcurl says what it would say of the URL's host.
        case CURLE_COULDNT_CONNECT where host.hasPrefix("/"):
            return HTTPError(
                .couldNotConnect, "\(host): no server listens on this socket", mayHaveBeenApplied: sent)
        case CURLE_COULDNT_RESOLVE_HOST, CURLE_COULDNT_RESOLVE_PROXY, CURLE_COULDNT_CONNECT:
            return HTTPError(
                .couldNotConnect,
                "\(host): \(why); check the address, and that the server runs and can be reached from here",
                mayHaveBeenApplied: sent)
        case CURLE_OPERATION_TIMEDOUT:
            return HTTPError(
                .timeout,
                "\(host): \(why)\(outcome(sent)); check that the server is well, or allow more time",
                mayHaveBeenApplied: sent)
        case CURLE_SEND_ERROR, CURLE_RECV_ERROR, CURLE_GOT_NOTHING, CURLE_PARTIAL_FILE,
            CURLE_SEND_FAIL_REWIND:
            return isAlert(why) ? tls(host, why, sent: sent) : connectionLost(host, why, sent: sent)
        case _ where tlsCodes.contains(code.rawValue):
            return tls(host, why, sent: sent)
        case CURLE_URL_MALFORMAT:
            return HTTPError(.invalidURL, "\(host): \(why); write http://HOST/PATH or https://HOST/PATH")
        default:
            return HTTPError(
                .other(Int(code.rawValue)), "\(host): \(why) (libcurl \(code.rawValue))\(outcome(sent))",
                mayHaveBeenApplied: sent)
        }
    }

    static func connectionLost(_ host: String, _ why: String, sent: Bool) -> HTTPError {
        HTTPError(
            .connectionLost,
            "\(host): the connection ended before the response did (\(why))\(outcome(sent)); try again",
            mayHaveBeenApplied: sent)
    }

    private static func tls(_ host: String, _ why: String, sent: Bool) -> HTTPError {
        HTTPError(
            .tls,
            "\(host): \(why); check the CA, the certificate and key, and the name in the server certificate",
            mayHaveBeenApplied: sent)
    }

    /// With TLS 1.3 a server refuses the client's certificate after the handshake: libcurl sees an alert
    /// while reading.
    private static func isAlert(_ why: String) -> Bool {
        why.contains("SSL routines") && why.contains("alert")
    }

    private static let tlsCodes: Set<UInt32> = Set(
        [
            CURLE_SSL_CONNECT_ERROR, CURLE_SSL_CERTPROBLEM, CURLE_SSL_CIPHER, CURLE_PEER_FAILED_VERIFICATION,
            CURLE_SSL_CACERT_BADFILE, CURLE_SSL_CRL_BADFILE, CURLE_SSL_ISSUER_ERROR,
            CURLE_SSL_INVALIDCERTSTATUS,
            CURLE_SSL_CLIENTCERT, CURLE_SSL_ENGINE_NOTFOUND, CURLE_SSL_ENGINE_SETFAILED,
            CURLE_SSL_SHUTDOWN_FAILED,
            CURLE_USE_SSL_FAILED, CURLE_SSL_PINNEDPUBKEYNOTMATCH,
        ].map(\.rawValue))
}
