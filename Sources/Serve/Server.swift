import Glibc
import HTTPTypes
import Hummingbird
import HummingbirdCore
import HummingbirdHTTP2
package import Logging
import NIOCore
import NIOSSL
import ServiceLifecycle

/// One listening socket in front of one handler: TLS on an address, or plain HTTP on a Unix socket with mode 0600.
package struct Server: Service {
    package enum Address: Sendable, Equatable {
        case tcp(host: String, port: Int)
        case unix(path: String)
    }

    /// A certificate and its key, PEM.
    package struct Identity: Sendable {
        package let certificatePEM: String
        package let keyPEM: String
        package init(certificatePEM: String, keyPEM: String) {
            self.certificatePEM = certificatePEM
            self.keyPEM = keyPEM
        }
    }

    /// What one client may ask of the server's patience.
    package struct Limits: Sendable {
        /// How long a TLS handshake may take.
        package var handshake = Duration.seconds(10)
        /// How long a connection may rest, or take over the head of a request.
        package var idle = Duration.seconds(60)
        /// How long a request's body may take.
        package var body = Duration.seconds(30)
        /// Bytes of a request's head, all fields together; HTTP/2 has its own, smaller one.
        package var headerBytes = 64 << 10

        package init() {}
    }

    private let address: Address
    private let identity: Identity?
    private let clients: String?
    private let hosts: HostPolicy?
    private let bodyLimit: Int
    private let limits: Limits
    private let logger: Logger
    private let peers = Peers()
    private let started: @Sendable (Int?) -> Void
    private let handler: @Sendable (ServedRequest) async -> ServedResponse

    /// `started` is told the port once the socket listens. Bodies over `bodyLimit` bytes are answered 413. `clients`:
    /// the authority (PEM) of client certificates, which may be shown and are verified then. `hosts`: the names the
    /// server answers to besides addresses; nil answers to all.
    package init(
        _ address: Address, identity: Identity? = nil, clients: String? = nil, hosts: Set<String>? = nil,
        bodyLimit: Int, limits: Limits = Limits(), logger: Logger,
        started: @escaping @Sendable (Int?) -> Void,
        handler: @escaping @Sendable (ServedRequest) async -> ServedResponse
    ) {
        self.address = address
        self.identity = identity
        self.clients = clients
        self.hosts = hosts.map(HostPolicy.init(names:))
        self.bodyLimit = bodyLimit
        self.limits = limits
        self.logger = logger
        self.started = started
        self.handler = handler
    }

    package func run() async throws {
        let bind: BindAddress =
            switch address {
            case .tcp(let host, let port): .hostname(host, port: port)
            case .unix(let path): .unixDomainSocket(path: path)
            }
        let connection = HTTP1Channel.Configuration(
            idleTimeout: TimeAmount(limits.idle),
            httpDecoderConfiguration: .init(
                maxHeaderFieldSize: limits.headerBytes, maxHeaderListSize: limits.headerBytes))
        let server: HTTPServerBuilder
        if let identity {
            let tls = try Self.tls(identity, clients)
            let peers = peers
            let streams = HTTP2ChannelConfiguration(idleTimeout: limits.idle, streamConfiguration: connection)
            server = HTTPServerBuilder { [limits] responder in
                PromptChannel(
                    inner: try HTTP2UpgradeChannel(tlsConfiguration: tls, configuration: streams, responder: responder),
                    limit: TimeAmount(limits.handshake), peers: peers)
            }
        } else {
            server = HTTPServerBuilder { responder in
                PlainChannel(inner: HTTP1Channel(responder: responder, configuration: connection))
            }
        }
        let started = started
        let application = Application(
            responder: CallbackResponder<ConnectionContext> { request, context in
                await self.respond(to: request, on: context.channel)
            },
            server: server,
            configuration: .init(address: bind, serverName: nil),
            onServerRunning: { channel in started(channel.localAddress?.port) },
            logger: logger)
        do { try await application.run() } catch let error as IOError where error.errnoCode == EADDRINUSE {
            throw AddressInUse(address: address)
        }
    }

    private static func tls(_ identity: Identity, _ clients: String?) throws -> TLSConfiguration {
        let chain = try NIOSSLCertificate.fromPEMBytes(Array(identity.certificatePEM.utf8))
        let key = try NIOSSLPrivateKey(bytes: Array(identity.keyPEM.utf8), format: .pem)
        var configuration = TLSConfiguration.makeServerConfiguration(
            certificateChain: chain.map { .certificate($0) }, privateKey: .privateKey(key))
        configuration.minimumTLSVersion = .tlsv12
        if let clients {
            configuration.trustRoots = .certificates(try NIOSSLCertificate.fromPEMBytes(Array(clients.utf8)))
            configuration.certificateVerification = .optionalVerification
        }
        return configuration
    }

    private func respond(to request: Request, on channel: any Channel) async -> Response {
        if let refusal = hosts?.refusal(host: request.head.authority, origin: request.headers[.origin]) {
            return Self.refusal(.forbidden, "Forbidden", refusal)
        }
        let body: [UInt8]
        switch await collect(request, on: channel.eventLoop) {
        case .whole(let bytes): body = bytes
        case .tooLarge:
            return Self.refusal(
                .contentTooLarge, "RequestEntityTooLarge", "the body is over the limit of \(bodyLimit) bytes")
        case .tooSlow:
            return Self.refusal(
                .requestTimeout, "Timeout", "the body did not come whole within \(limits.body)")
        }
        let peer = clients == nil ? nil : peers.of(channel)
        var headers: [String: String] = [:]
        for field in request.headers { headers[field.name.canonicalName] = field.value }
        let served = ServedRequest(
            method: request.method.rawValue, path: request.uri.path, query: request.uri.query ?? "", headers: headers,
            body: body, peer: peer)
        // A list may be long, and nobody else's connection is to wait for it.
        let answer =
            request.method == .get
            ? await withTaskExecutorPreference(globalConcurrentExecutor) { await handler(served) }
            : await handler(served)
        var fields = HTTPFields()
        fields[.contentType] = answer.contentType
        for (name, value) in answer.headers {
            guard let name = HTTPField.Name(name) else { continue }
            fields.append(HTTPField(name: name, value: value))
        }
        let status = HTTPResponse.Status(code: answer.status)
        switch answer.body {
        case .bytes(let bytes):
            return Response(status: status, headers: fields, body: .init(byteBuffer: ByteBuffer(bytes: bytes)))
        case .stream(let next, let close):
            let stream = ResponseBody { writer in
                defer { close() }
                while let bytes = try await next() { try await writer.write(ByteBuffer(bytes: bytes)) }
                try await writer.finish(nil)
            }
            return Response(status: status, headers: fields, body: stream)
        }
    }

    private enum Collected: Sendable { case whole([UInt8]), tooLarge, tooSlow }

    private func collect(_ request: Request, on loop: any EventLoop) async -> Collected {
        // What most reads say: nothing follows their head (RFC 9112, 6.3).
        if request.headers[.contentLength] == nil, request.method == .get || request.method == .head {
            return .whole([])
        }
        let reading = Task(executorPreference: LoopExecutor(loop)) { [bodyLimit] () -> Collected in
            var request = request
            do {
                return .whole(Array(try await request.collectBody(upTo: bodyLimit).readableBytesView))
            } catch { return Task.isCancelled ? .tooSlow : .tooLarge }
        }
        let alarm = loop.scheduleTask(in: TimeAmount(limits.body)) { reading.cancel() }
        defer { alarm.cancel() }
        return await withTaskCancellationHandler {
            await reading.value
        } onCancel: {
            reading.cancel()
        }
    }

    /// A Kubernetes Status, and the connection is closed: what is left of the request is not read.
    private static func refusal(_ status: HTTPResponse.Status, _ reason: String, _ message: String) -> Response {
        let text =
            #"{"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure","message":""# + message
            + #"","reason":""# + reason + #"","code":"# + "\(status.code)}"
        return Response(
            status: status, headers: [.contentType: "application/json", .connection: "close"],
            body: .init(byteBuffer: ByteBuffer(string: text)))
    }
}

/// Another program listens there.
package struct AddressInUse: Error, Sendable, CustomStringConvertible {
    package let address: Server.Address

    package var description: String {
        switch address {
        case .tcp(let host, let port): "\(host):\(port) is in use by another program"
        case .unix(let path): "\(path) is in use by another program"
        }
    }
}

/// Keeps the connection at hand: its TLS session says who asks.
private struct ConnectionContext: RequestContext {
    var coreContext: CoreRequestContextStorage
    let channel: any Channel

    init(source: ApplicationRequestContextSource) {
        coreContext = .init(source: source)
        channel = source.channel
    }
}
