import HTTPTypes
import Hummingbird
import HummingbirdCore
import HummingbirdTLS
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

    private let address: Address
    private let identity: Identity?
    private let bodyLimit: Int
    private let logger: Logger
    private let started: @Sendable (Int?) -> Void
    private let handler: @Sendable (ServedRequest) async -> ServedResponse

    /// `started` is told the port once the socket listens. Bodies over `bodyLimit` bytes are answered 413.
    package init(
        _ address: Address, identity: Identity? = nil, bodyLimit: Int, logger: Logger,
        started: @escaping @Sendable (Int?) -> Void,
        handler: @escaping @Sendable (ServedRequest) async -> ServedResponse
    ) {
        self.address = address
        self.identity = identity
        self.bodyLimit = bodyLimit
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
        let server: HTTPServerBuilder
        if let identity {
            server = try .tls(.http1(), tlsConfiguration: Self.tls(identity))
        } else {
            server = .http1()
        }
        let bodyLimit = bodyLimit
        let handler = handler
        let started = started
        let application = Application(
            responder: CallbackResponder<BasicRequestContext> { request, _ in
                await Self.respond(to: request, bodyLimit: bodyLimit, handler: handler)
            },
            server: server,
            configuration: .init(address: bind, serverName: nil),
            onServerRunning: { channel in started(channel.localAddress?.port) },
            logger: logger)
        try await application.run()
    }

    private static func tls(_ identity: Identity) throws -> TLSConfiguration {
        let chain = try NIOSSLCertificate.fromPEMBytes(Array(identity.certificatePEM.utf8))
        let key = try NIOSSLPrivateKey(bytes: Array(identity.keyPEM.utf8), format: .pem)
        var configuration = TLSConfiguration.makeServerConfiguration(
            certificateChain: chain.map { .certificate($0) }, privateKey: .privateKey(key))
        configuration.minimumTLSVersion = .tlsv12
        configuration.applicationProtocols = ["http/1.1"]
        return configuration
    }

    private static func respond(
        to request: Request, bodyLimit: Int, handler: @Sendable (ServedRequest) async -> ServedResponse
    ) async -> Response {
        var request = request
        let body: ByteBuffer
        do {
            body = try await request.collectBody(upTo: bodyLimit)
        } catch {
            return Response(
                status: .contentTooLarge, body: .init(byteBuffer: ByteBuffer(string: "body over \(bodyLimit) bytes\n")))
        }
        var headers: [String: String] = [:]
        for field in request.headers { headers[field.name.canonicalName] = field.value }
        let answer = await handler(
            ServedRequest(
                method: request.method.rawValue, path: request.uri.path, query: request.uri.query ?? "",
                headers: headers,
                body: Array(body.readableBytesView)))
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
                while let bytes = await next() { try await writer.write(ByteBuffer(bytes: bytes)) }
                try await writer.finish(nil)
            }
            return Response(status: status, headers: fields, body: stream)
        }
    }
}
