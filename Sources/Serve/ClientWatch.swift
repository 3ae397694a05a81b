import NIOCore
import Synchronization

/// Which of the open connections, and of the streams of HTTP/2, still have somebody at the other end.
final class Clients: Sendable {
    private struct State {
        /// One request at a time is answered on each; nil between two.
        var departures: [ObjectIdentifier: (@Sendable () -> Void)?] = [:]
    }

    private let state = Mutex(State())

    /// How many are open.
    var count: Int { state.withLock { $0.departures.count } }

    fileprivate func came(_ channel: any Channel) {
        state.withLock { $0.departures[ObjectIdentifier(channel)] = .some(nil) }
    }

    fileprivate func left(_ channel: any Channel) {
        let body = state.withLock { $0.departures.removeValue(forKey: ObjectIdentifier(channel)) }
        if let body = body ?? nil { body() }
    }

    /// Calls `body` once when the other end goes, at once where it has gone; instead of what was given before.
    func whenGone(_ channel: any Channel, _ body: @escaping @Sendable () -> Void) {
        let isThere = state.withLock { state in
            guard state.departures[ObjectIdentifier(channel)] != nil else { return false }
            state.departures[ObjectIdentifier(channel)] = .some(body)
            return true
        }
        if !isThere { body() }
    }

    /// The request was answered: from here on nobody need know.
    func answered(_ channel: any Channel) {
        state.withLock { state in
            if state.departures[ObjectIdentifier(channel)] != nil {
                state.departures[ObjectIdentifier(channel)] = .some(nil)
            }
        }
    }
}

/// Notices on one connection, or one stream of HTTP/2, that its client has left, and closes it when the client does not
/// read what it is sent.
final class ClientWatch: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = NIOAny

    private let clients: Clients
    private let limit: TimeAmount
    private var alarm: Scheduled<Void>?

    /// `limit`: how long the buffer of what was sent may stay full.
    init(_ clients: Clients, limit: TimeAmount) {
        self.clients = clients
        self.limit = limit
    }

    func handlerAdded(context: ChannelHandlerContext) { clients.came(context.channel) }

    func handlerRemoved(context: ChannelHandlerContext) { depart(context) }

    func channelInactive(context: ChannelHandlerContext) {
        depart(context)
        context.fireChannelInactive()
    }

    /// Whoever closes its side of a connection has left, as all clients of HTTP do it; an answer that is complete by
    /// then is still sent.
    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case .inputClosed? = event as? ChannelEvent { clients.left(context.channel) }
        context.fireUserInboundEventTriggered(event)
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        alarm?.cancel()
        alarm = nil
        if !context.channel.isWritable {
            alarm = context.eventLoop.assumeIsolated().scheduleTask(in: limit) { context.close(promise: nil) }
        }
        context.fireChannelWritabilityChanged()
    }

    private func depart(_ context: ChannelHandlerContext) {
        alarm?.cancel()
        alarm = nil
        clients.left(context.channel)
    }
}
