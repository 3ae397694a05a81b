import Documents
package import HTTP
package import Ports
import Synchronization
import Tree

/// Calls to one engine, in a version that both sides speak; it is negotiated with the first call, and again when the
/// engine no longer takes it.
package final class EngineClient: Sendable {
    let address: EngineAddress
    private let tls: TLSSettings?
    private let setting: String
    private let http: any HTTPTransport
    private let known = Mutex<EngineVersion?>(nil)

    /// A pull that shows nothing new for that long hangs.
    private static let silence = Duration.seconds(90)
    private static let answerBytes = 32 << 20

    /// `tls`: for engines over the network; nil speaks plainly. `setting`: what names the engine, for errors.
    package init(
        _ address: EngineAddress, tls: TLSSettings? = nil, http: any HTTPTransport,
        setting: String = "spec.provider.docker.host"
    ) {
        self.address = address
        self.setting = setting
        self.tls = tls
        self.http = http
    }

    /// The version that both sides speak, such as 1.41: whether the engine answers at all.
    package func version() async -> Result<String, ProviderError> {
        do throws(EngineFailure) { return .success(try await negotiated().description) } catch {
            return .failure(error.error)
        }
    }

    /// The same, asked anew: whether it answers now.
    package func greet(within limit: Duration) async -> Result<String, ProviderError> {
        do throws(EngineFailure) {
            known.withLock { $0 = nil }
            return .success(try await negotiated(within: limit).description)
        } catch { return .failure(error.error) }
    }

    /// Any 2xx, or 304, which says that it was so already. `content` goes in place of the call's own body.
    func send(_ call: EngineCall, content: HTTPUpload? = nil) async throws(EngineFailure) -> HTTPResponse {
        var request = try await prepare(call)
        request.upload = content
        let response: HTTPResponse
        do { response = try await http.send(request) } catch {
            throw EngineFailure(call, error, address: address, setting: setting, isTLS: tls != nil)
        }
        try check(call, response.status, response.body)
        return response
    }

    /// A success with JSON.
    func tree(_ call: EngineCall) async throws(EngineFailure) -> Tree {
        let response = try await send(call)
        do { return try JSON.parse(response.body, limits: .answer) } catch {
            throw .unreadable(call, "\(error)")
        }
    }

    /// A success, and what follows of it line by line.
    func stream(_ call: EngineCall) async throws(EngineFailure) -> HTTPLines {
        var request = try await prepare(call)
        request.maxResponseBytes = nil
        let response: HTTPStreamResponse
        do { response = try await http.stream(request) } catch {
            throw EngineFailure(call, error, address: address, setting: setting, isTLS: tls != nil)
        }
        guard response.isSuccess else {
            var body: [UInt8] = []
            do {
                for try await piece in response.body where body.count < 64 << 10 { body += piece }
            } catch { body = [] }
            try check(call, response.status, body)
            throw .unreadable(call, "status \(response.status)")
        }
        return response.body.lines(limit: 1 << 20)
    }

    private func prepare(_ call: EngineCall) async throws(EngineFailure) -> HTTPRequest {
        let version = call.isVersioned ? try await negotiated() : nil
        var headers: HTTPHeaders = ["Accept": "application/json"]
        if let type = call.contentType { headers["Content-Type"] = type }
        var request = HTTPRequest(
            call.method, address.base(tls: tls != nil) + call.target(version: version?.description), headers: headers,
            body: call.body, timeout: call.timeout)
        request.unixSocketPath = address.socket
        request.maxResponseBytes = Self.answerBytes
        if !call.mayRest { request.lowSpeed = .silence(Self.silence) }
        // Sent a second time by us alone, who then know about it.
        request.isIdempotent = !call.changes
        if let tls { request.tls = tls }
        return request
    }

    private func check(_ call: EngineCall, _ status: Int, _ body: [UInt8]) throws(EngineFailure) {
        if (200...299).contains(status) || status == 304 { return }
        let failure = EngineFailure(call, status: status, body: body)
        if status == 400, EngineFailure.isVersion(failure.error.message) { known.withLock { $0 = nil } }
        throw failure
    }

    private func negotiated(within limit: Duration? = nil) async throws(EngineFailure) -> EngineVersion {
        if let version = known.withLock({ $0 }) { return version }
        var call = EngineCall.version
        call.timeout = limit ?? call.timeout
        let answer = try await tree(call)
        guard let engine = answer["ApiVersion"]?.string.flatMap(EngineVersion.init) else {
            throw .unreadable(.version, "it has no ApiVersion")
        }
        let least = answer["MinAPIVersion"]?.string.flatMap(EngineVersion.init) ?? engine
        switch EngineVersion.negotiate(engine: engine, least: least) {
        case .speak(let chosen):
            known.withLock { $0 = chosen }
            return chosen
        case .impossible(let why): throw EngineFailure(ProviderError(.unavailable, "\(address.text): \(why)"))
        }
    }
}
