import CLinux
import Glibc
import Synchronization

/// One thread that waits for any number of descriptors, so that nobody needs a thread of his own to wait. It runs only
/// while there is something to watch.
package final class Watcher: Sendable {
    package enum Next: Sendable {
        case keep
        case done
    }

    /// Called on the watcher's thread when the descriptor is readable or at its end; it must not wait for anything.
    package typealias Handler = @Sendable () -> Next

    private struct Entry {
        let descriptor: Descriptor
        let handler: Handler
    }

    private struct State {
        var entries: [UInt64: Entry] = [:]
        var lastToken: UInt64 = 0
        var isRunning = false
    }

    private let epoll: Descriptor
    private let state = Mutex(State())

    private static let stackBytes = 512 << 10
    private static let eventsAtOnce = 64

    package init() throws(SystemError) {
        epoll = Descriptor(owning: try check("epoll_create1") { epoll_create1(CInt(EPOLL_CLOEXEC)) })
    }

    /// Watches until the handler says done. The descriptor is held meanwhile.
    package func watch(_ descriptor: Descriptor, _ handler: @escaping Handler) throws(SystemError) {
        let failure: SystemError? = state.withLock { state in
            state.lastToken += 1
            var event = epoll_event()
            event.events = EPOLLIN.rawValue
            event.data.u64 = state.lastToken
            guard epoll_ctl(epoll.raw, EPOLL_CTL_ADD, descriptor.raw, &event) == 0 else {
                return SystemError("epoll_ctl")
            }
            state.entries[state.lastToken] = Entry(descriptor: descriptor, handler: handler)
            if state.isRunning { return nil }
            state.isRunning = PosixThread.start(stackBytes: Self.stackBytes) { [self] in run() }
            if state.isRunning { return nil }
            epoll_ctl(epoll.raw, EPOLL_CTL_DEL, descriptor.raw, nil)
            state.entries[state.lastToken] = nil
            return SystemError("pthread_create", code: EAGAIN)
        }
        if let failure { throw failure }
    }

    private func run() {
        var events = [epoll_event](repeating: epoll_event(), count: Self.eventsAtOnce)
        while true {
            let count = epoll_wait(epoll.raw, &events, CInt(events.count), -1)
            for event in events.prefix(Int(max(count, 0))) {
                let token = event.data.u64
                guard let entry = state.withLock({ $0.entries[token] }) else { continue }
                if case .done = entry.handler(), remove(token) { return }
            }
        }
    }

    /// True when it was the last: the thread is over, and the next watch starts another.
    private func remove(_ token: UInt64) -> Bool {
        state.withLock { state in
            guard let entry = state.entries.removeValue(forKey: token) else { return false }
            epoll_ctl(epoll.raw, EPOLL_CTL_DEL, entry.descriptor.raw, nil)
            state.isRunning = !state.entries.isEmpty
            return !state.isRunning
        }
    }
}
