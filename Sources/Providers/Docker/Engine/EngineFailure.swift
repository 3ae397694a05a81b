import Documents
import HTTP
import Ports
import Tree

/// What went wrong with a call: the engine's status, where it answered at all, and what that means here.
struct EngineFailure: Error, Sendable, Hashable {
    let status: Int?
    let error: ProviderError

    init(_ error: ProviderError, status: Int? = nil) {
        self.status = status
        self.error = error
    }

    /// An answer that is no success.
    init(_ call: EngineCall, status: Int, body: [UInt8]) {
        self.status = status
        let said = Self.message(body)
        let text =
            said ?? "it answered \(status) with something that is not the engine's JSON; is that a Docker engine?"
        if said == nil, String(decoding: body.prefix(200), as: UTF8.self).contains("to an HTTPS server") {
            error = ProviderError(
                .unavailable,
                "Docker can't \(call.what): the engine asks for TLS; name a Secret with ca.pem, cert.pem and key.pem in "
                    + "spec.provider.docker.secretRef")
            return
        }
        let code = said == nil && status < 500 ? .unavailable : Self.code(status, text)
        error = ProviderError(code, "Docker can't \(call.what): \(text)\(Self.advice(code, text))")
    }

    /// No answer.
    /// `setting`: what names the engine; `isTLS`: both sides show certificates.
    init(_ call: EngineCall, _ failure: HTTPError, address: EngineAddress, setting: String, isTLS: Bool = false) {
        status = nil
        let isOpen = call.changes && failure.mayHaveBeenApplied
        if failure.code == .couldNotConnect {
            error = ProviderError(
                .unavailable,
                "no Docker engine answers at \(address.text): start it, or set \(setting) (\(failure.text))")
        } else if failure.code == .tls {
            error = ProviderError(
                isOpen ? .unknownOutcome : .unauthorised,
                "no TLS with the Docker engine at \(address.text): \(failure.text); they are ca.pem, cert.pem and key.pem in "
                    + "the Secret that spec.provider.docker.secretRef names")
        } else if failure.code == .connectionLost, isTLS, !call.changes {
            // With TLS 1.3 a client's certificate is refused after the handshake, and the word may be lost with the
            // connection.
            error = ProviderError(
                .unavailable,
                "Docker can't \(call.what): \(failure.text); where it never answers, look at ca.pem, cert.pem and key.pem in "
                    + "the Secret that spec.provider.docker.secretRef names")
        } else if isOpen || (call.changes && failure.code == .cancelled) {
            error = ProviderError(.unknownOutcome, "Docker may or may not \(call.what): \(failure.text)")
        } else {
            error = ProviderError(.unavailable, "Docker can't \(call.what): \(failure.text)")
        }
    }

    /// A success whose content can't be read: whatever it was, it is done.
    static func unreadable(_ call: EngineCall, _ why: String) -> EngineFailure {
        let text = "Docker's answer to \"\(call.what)\" can't be read: \(why); is that a Docker engine?"
        return EngineFailure(ProviderError(call.changes ? .unknownOutcome : .unavailable, text))
    }

    private static let longest = 500

    private static func message(_ body: [UInt8]) -> String? {
        // try?: a body that is no JSON has no message; the failure says its status.
        guard let text = (try? JSON.parse(body))?["message"]?.string, !text.isEmpty else { return nil }
        return text.count > longest ? "\(text.prefix(longest))…" : text
    }

    private static func code(_ status: Int, _ text: String) -> ProviderError.Code {
        let lower = text.lowercased()
        if lower.contains("no space left on device") || lower.contains("cannot allocate memory") { return .capacity }
        switch status {
        // The engine was exchanged for one that speaks another version: asked again, it is negotiated anew.
        case 400 where isVersion(text): return .unavailable
        case 400: return .invalid
        case 401, 403: return .unauthorised
        case 404: return .notFound
        case 409: return .conflict
        case 429: return .throttled
        case 500 where isRuntime(lower): return .invalid
        default: return .unavailable
        }
    }

    static func isVersion(_ text: String) -> Bool {
        text.contains("client version") && (text.contains("too old") || text.contains("too new"))
    }

    /// The runtime could not start what the container is to run: asking again changes nothing.
    private static func isRuntime(_ text: String) -> Bool {
        [
            "exec format error", "executable file not found", "no such file or directory: unknown",
            "permission denied: unknown",
        ]
        .contains { text.contains($0) }
    }

    private static func advice(_ code: ProviderError.Code, _ text: String) -> String {
        switch code {
        case .capacity: "; make room on the engine's machine: docker system df, docker system prune"
        case .unauthorised: "; allow this user to use the engine"
        case .invalid where text.contains("exec format error"): "; use an image for the engine's architecture"
        default: ""
        }
    }
}
