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
        /// How long a client may leave what it is sent unread.
        package var write = Duration.seconds(30)
        /// How long, and how much of, a body that was refused is read and thrown away, so that its client gets to see
        /// why.
        package var linger = Duration.seconds(5)
        package var refusedBytes = 4 << 20
        /// Bytes of requests that are not yet answered: of everybody, of each, of all together whom nobody knows.
        package var requestBytes = (total: 32 << 20, share: 16 << 20, strangers: 1 << 20)
        /// Bytes of answers that are not yet read, likewise.
        package var answerBytes = (total: 48 << 20, share: 12 << 20, strangers: 1 << 20)
        /// Bytes of a request's head, all fields together; HTTP/2 has its own, smaller one.
        package var headerBytes = 64 << 10
        /// Connections over TLS on which nobody has said yet who they are; for one more the oldest goes.
        package var strangers = Callers.standard(eighths: 3)
        /// Connections over TLS of one who has; likewise.
        package var callerConnections = Callers.standard(eighths: 2)

        package init() {}
    }

    private let address: Address
    private let identity: Identity?
    private let authority: String?
    private let logger: Logger
    private let started: @Sendable (Int?) -> Void
    let hosts: HostPolicy?
    let limits: Limits
    let receive: @Sendable (ServedRequest) async -> Reception
    /// Nil where no certificates are asked for.
    let peers: Peers?
    let clients = Clients()
    let callers: Callers
    let requestBytes: ByteBudget
    let answerBytes: ByteBudget

    /// `started` is told the port once the socket listens. `clients`: the authority (PEM) of client certificates, which
    /// may be shown and are verified then. `hosts`: the names the server answers to besides addresses; nil answers to
    /// all. `receive` is given each request without its body.
    package init(
        _ address: Address, identity: Identity? = nil, clients: String? = nil, hosts: Set<String>? = nil,
        limits: Limits = Limits(), logger: Logger, started: @escaping @Sendable (Int?) -> Void,
        receive: @escaping @Sendable (ServedRequest) async -> Reception
    ) {
        self.address = address
        self.identity = identity
        authority = clients
        self.hosts = hosts.map(HostPolicy.init(names:))
        self.limits = limits
        self.logger = logger
        self.started = started
        self.receive = receive
        peers = clients == nil ? nil : Peers()
        callers = Callers(strangers: limits.strangers, share: limits.callerConnections)
        requestBytes = ByteBudget(
            total: limits.requestBytes.total, share: limits.requestBytes.share,
            strangers: limits.requestBytes.strangers)
        answerBytes = ByteBudget(
            total: limits.answerBytes.total, share: limits.answerBytes.share, strangers: limits.answerBytes.strangers)
    }

    package func run() async throws {
        let bind: BindAddress =
            switch address {
            case .tcp(let host, let port): .hostname(host, port: port)
            case .unix(let path): .unixDomainSocket(path: path)
            }
        let connection = HTTP1Channel.Configuration(
            additionalChannelHandlers: [ClientWatch(clients, limit: TimeAmount(limits.write))],
            idleTimeout: TimeAmount(limits.idle),
            httpDecoderConfiguration: .init(
                maxHeaderFieldSize: limits.headerBytes, maxHeaderListSize: limits.headerBytes))
        let server: HTTPServerBuilder
        if let identity {
            let tls = try Self.tls(identity, authority)
            let peers = peers ?? Peers()
            let streams = HTTP2ChannelConfiguration(idleTimeout: limits.idle, streamConfiguration: connection)
            server = HTTPServerBuilder { [limits, callers] responder in
                PromptChannel(
                    inner: try HTTP2UpgradeChannel(tlsConfiguration: tls, configuration: streams, responder: responder),
                    limit: TimeAmount(limits.handshake), peers: peers, callers: callers)
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
