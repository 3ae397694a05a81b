import Glibc
import NIOCore
import Synchronization

/// Open connections, and who has said there who he is. They cost descriptors, of which a process has few: of those on
/// which nobody has spoken yet so many may stand, and of each caller's so many; for one more the oldest of them goes.
final class Callers: Sendable {
    /// In the order they came: numbers rise, and none below `first` is left.
    fileprivate struct Line {
        var channels: [UInt64: any Channel] = [:]
        var first: UInt64 = 0
        var next: UInt64 = 0
    }

    fileprivate struct State {
        var lines: [String: Line] = [:]
        var places: [ObjectIdentifier: (account: String, number: UInt64)] = [:]
    }

    private let strangers: Int
    private let share: Int
    private let state = Mutex(State())

    /// `strangers`: of everybody together who has not said who he is; `share`: of each who has.
    init(strangers: Int, share: Int) {
        self.strangers = strangers
        self.share = share
    }

    /// Parts of the descriptors that this process may have: with strangers, and with one caller, there are some left
    /// for everybody else.
    static func standard(eighths: Int) -> Int {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return 128 }
        return min(4096, max(64, Int(clamping: limit.rlim_cur) / 8 * eighths))
    }

    /// On the account of nobody: the empty one.
    func count(of account: String = "") -> Int { state.withLock { $0.lines[account]?.channels.count ?? 0 } }

    func came(_ channel: any Channel) {
        let oldest = state.withLock { $0.add(channel, to: "", most: strangers) }
        channel.closeFuture.whenComplete { [self] _ in state.withLock { $0.remove(channel) } }
        oldest?.close(promise: nil)
    }

    /// Somebody has said who he is there. A stream of HTTP/2 is known with its connection.
    func known(_ channel: any Channel, as account: String) {
        guard !account.isEmpty else { return }
        for connection in [channel, channel.parent].compactMap({ $0 }) {
            let oldest: (any Channel)? = state.withLock { state in
                guard let place = state.places[ObjectIdentifier(connection)], place.account != account else {
                    return nil
                }
                state.remove(connection)
                return state.add(connection, to: account, most: share)
            }
            oldest?.close(promise: nil)
        }
    }
}

extension Callers.State {
    /// The one that goes for it, if there are too many.
    fileprivate mutating func add(_ channel: any Channel, to account: String, most: Int) -> (any Channel)? {
        var line = lines.removeValue(forKey: account) ?? Callers.Line()
        line.channels[line.next] = channel
        places[ObjectIdentifier(channel)] = (account, line.next)
        line.next += 1
        var oldest: (any Channel)?
        if line.channels.count > most {
            while line.channels[line.first] == nil { line.first += 1 }
            oldest = line.channels.removeValue(forKey: line.first)
            if let oldest { places[ObjectIdentifier(oldest)] = nil }
        }
        lines[account] = line
        return oldest
    }

    fileprivate mutating func remove(_ channel: any Channel) {
        guard let place = places.removeValue(forKey: ObjectIdentifier(channel)) else { return }
        lines[place.account]?.channels[place.number] = nil
        if lines[place.account]?.channels.isEmpty == true { lines[place.account] = nil }
    }
}
