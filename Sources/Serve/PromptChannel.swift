import HummingbirdCore
import HummingbirdHTTP2
import Logging
import NIOCore
import NIOSSL
import NIOTLS

/// A TLS connection that is closed unless its handshake ends in time: until then nobody knows what it speaks, and no
/// other limit holds. Whoever proved a name in it is noted for as long as it is open.
struct PromptChannel: ServerChildChannel {
    typealias Value = HTTP2UpgradeChannel.Value

    let inner: HTTP2UpgradeChannel
    let limit: TimeAmount
    let peers: Peers
    let callers: Callers

    func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<Value> {
        callers.came(channel)
        channel.readInSmallPieces()
        return inner.setup(channel: channel, logger: logger).flatMapThrowing { [limit, peers] value in
            let pipeline = channel.pipeline.syncOperations
            let tls = try pipeline.handler(type: NIOSSLServerHandler.self)
            try pipeline.addHandler(HandshakeWatch(limit, peers), position: .after(tls))
            return value
        }
    }

    func handle(value: Value, logger: Logger) async {
        await onLoop(of: value.channel) { await inner.handle(value: value, logger: logger) }
    }
}

/// The same without TLS, on a Unix socket.
struct PlainChannel: ServerChildChannel {
    typealias Value = HTTP1Channel.Value

    let inner: HTTP1Channel

    func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<Value> {
        channel.readInSmallPieces()
        return inner.setup(channel: channel, logger: logger)
    }

    func handle(value: Value, logger: Logger) async {
        await onLoop(of: value.channel) { await inner.handle(value: value, logger: logger) }
    }
}

extension Channel {
    /// Some pieces lie about until somebody takes them, on every connection that says much at once.
    fileprivate func readInSmallPieces() {
        let pieces = AdaptiveRecvByteBufferAllocator(minimum: 1 << 10, initial: 2 << 10, maximum: 8 << 10)
        // try?: a channel that was closed meanwhile.
        try? syncOptions?.setOption(.recvAllocator, value: pieces)
        // try?: likewise. Between two reads the loop answers others, and takes what came.
        try? syncOptions?.setOption(.maxMessagesPerRead, value: 1)
    }
}

/// Closes the connection unless TLS is agreed in time, and reads once whose it is.
private final class HandshakeWatch: ChannelInboundHandler {
    typealias InboundIn = NIOAny

    private let limit: TimeAmount
    private let peers: Peers
    private var alarm: Scheduled<Void>?

    init(_ limit: TimeAmount, _ peers: Peers) {
        self.limit = limit
        self.peers = peers
    }

    func handlerAdded(context: ChannelHandlerContext) {
        alarm = context.eventLoop.assumeIsolated().scheduleTask(in: limit) { context.close(promise: nil) }
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        alarm?.cancel()
        peers.forget(context.channel)
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case .handshakeCompleted? = event as? TLSUserEvent {
            alarm?.cancel()
            // try?: who shows no certificate is known by a token, or is nobody.
            let shown = try? context.channel.pipeline.syncOperations.nioSSL_peerCertificate()
            if let shown, let identity = PeerIdentity(shown) { peers.note(identity, on: context.channel) }
        }
        // No half of a TLS connection goes on alone: whoever closes one has left.
        if case .inputClosed? = event as? ChannelEvent { context.close(promise: nil) }
        context.fireUserInboundEventTriggered(event)
    }
}
