import Documents
import Kernel
import Model

/// What a guard is given at its start.
struct GuardPapers: Sendable {
    let order: GuardOrder
    let channel: Descriptor
    /// Opened by the agent where the guard can't reach the attempt's files.
    var log: Descriptor?
    /// As long as this process lives they are held: locks, which say that something of the attempt is alive.
    var held: [Descriptor] = []

    /// Where a guard finds its order, as JSON, and the socket to the agent.
    static let orderDescriptor: Int32 = 3
    static let channelDescriptor: Int32 = 4
    /// In a container nothing is inherited: all of it comes over the socket of that name.
    static let doorOption = "--door"

    private static let orderLimit = 8 << 20

    static func take(_ arguments: [String]) throws -> GuardPapers {
        guard let place = arguments.firstIndex(of: doorOption), place + 1 < arguments.count else {
            let source = try Descriptor.inherited(orderDescriptor)
            let channel = try Descriptor.inherited(channelDescriptor)
            return GuardPapers(order: try order(source), channel: channel)
        }
        let channel = try LocalSocket.connect(to: arguments[place + 1])
        let passed = try channel.takePassed()
        guard passed.count >= 2 else { throw SystemError("recvmsg", arguments[place + 1], code: 71) }
        return GuardPapers(
            order: try order(passed[0]), channel: channel, log: passed[1], held: Array(passed.dropFirst(2)))
    }

    private static func order(_ source: Descriptor) throws -> GuardOrder {
        try GuardOrder(tree: try JSON.parse(try source.readAll(limit: orderLimit), limits: .answer))
    }
}
