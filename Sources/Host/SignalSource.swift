import Glibc
package import Kernel

/// Signals to this program, as a stream. One for each process, made before they can come.
package struct SignalSource: Sendable {
    package enum Signal: Sendable, Hashable, CaseIterable {
        case terminate, interrupt, hangUp, childEnded

        var number: Int32 {
            switch self {
            case .terminate: SIGTERM
            case .interrupt: SIGINT
            case .hangUp: SIGHUP
            case .childEnded: SIGCHLD
            }
        }
    }

    /// Ends never. Holds the last sixteen that nobody has read yet.
    package let signals: AsyncStream<Signal>

    package init(_ wanted: [Signal], watcher: Watcher) throws(SystemError) {
        let source = try SignalPipe.open(wanted.map(\.number))
        let (stream, continuation) = AsyncStream.makeStream(of: Signal.self, bufferingPolicy: .bufferingNewest(16))
        signals = stream
        try watcher.watch(source) {
            // try?: nothing was there to read after all.
            guard case .bytes(let taken)? = try? source.read(upTo: 64) else { return .keep }
            for number in taken {
                if let signal = wanted.first(where: { $0.number == Int32(number) }) { continuation.yield(signal) }
            }
            return .keep
        }
    }
}
