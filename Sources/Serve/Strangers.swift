import Glibc
import NIOCore
import Synchronization

/// Open connections on which nobody has said yet who they are. They cost descriptors, of which a process has few, and
/// whoever reaches the machine can open them: so many may stand, and for one more the oldest goes.
final class Strangers: Sendable {
    private struct State {
        /// In the order they came: numbers rise, and none below `first` is left.
        var numbers: [ObjectIdentifier: UInt64] = [:]
        var channels: [UInt64: any Channel] = [:]
        var first: UInt64 = 0
        var next: UInt64 = 0
    }

    private let most: Int
    private let state = Mutex(State())

    init(most: Int) { self.most = most }

    var count: Int { state.withLock { $0.numbers.count } }

    /// Of the descriptors that this process may have: with it, two such servers leave some for everything else.
    static var standard: Int {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return 256 }
        return min(4096, max(64, Int(clamping: limit.rlim_cur) * 3 / 8))
    }

    func came(_ channel: any Channel) {
        let oldest: (any Channel)? = state.withLock { state in
            state.numbers[ObjectIdentifier(channel)] = state.next
            state.channels[state.next] = channel
            state.next += 1
            guard state.channels.count > most else { return nil }
            while state.channels[state.first] == nil { state.first += 1 }
            let oldest = state.channels.removeValue(forKey: state.first)
            if let oldest { state.numbers[ObjectIdentifier(oldest)] = nil }
            return oldest
        }
        channel.closeFuture.whenComplete { [self] _ in known(channel) }
        oldest?.close(promise: nil)
    }

    /// Somebody has said who they are there, or it is closed.
    func known(_ channel: any Channel) {
        state.withLock { state in
            guard let number = state.numbers.removeValue(forKey: ObjectIdentifier(channel)) else { return }
            state.channels[number] = nil
        }
    }
}
