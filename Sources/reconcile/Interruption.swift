import Glibc
import Kernel
import Synchronization

/// The one way in which this program is told to end: SIGINT, SIGTERM, SIGHUP, or that nobody reads its output any more.
///
/// The first of them cancels the innermost scope. A prompt scope has `limit` to return, then the process ends whatever
/// it does; a graceful one may take its time; a shielded one goes on to its end. The second one ends the process at
/// once. A thread of its own listens, so that verbs which hold all threads of the pool can be ended too.
final class Interruption: Sendable {
    enum Cause: Int32, Sendable {
        case hangUp = 129
        case interrupt = 130
        case closedOutput = 141
        case terminate = 143

        init?(signal: Int32) {
            switch signal {
            case SIGHUP: self = .hangUp
            case SIGINT: self = .interrupt
            case SIGTERM: self = .terminate
            default: return nil
            }
        }
    }

    enum Manner: Sendable { case prompt, graceful, shielded }

    private struct State {
        var cause: Cause?
        var scopes: [(number: Int, manner: Manner, cancel: @Sendable () -> Void)] = []
        var last = 0
        /// Milliseconds of the boot clock, from the first interruption on.
        var deadline: Int64?
    }

    /// From the first signal to the end of a prompt scope.
    private static let limit: Int64 = 600

    private let state = Mutex(State())
    private let signals: Descriptor
    /// Written to once output is to be watched.
    private let nudge: (read: Descriptor, write: Descriptor)

    init() throws {
        Descriptor.openStandardStreams()
        SignalPipe.ignoreBrokenPipes()
        let wanted = [SIGINT, SIGTERM] + (SignalPipe.isIgnored(SIGHUP) ? [] : [SIGHUP])
        signals = try SignalPipe.open(wanted)
        nudge = try Descriptor.pipe()
        let output = Descriptor(owning: dup(STDOUT_FILENO))
        guard PosixThread.start(stackBytes: 256 << 10, { self.listen(output) }) else {
            throw SystemError("pthread_create")
        }
    }

    /// As shells say it, once something ended this program.
    var exitCode: Int32? { state.withLock { $0.cause?.rawValue } }

    /// From here on a reader of standard output that goes away ends the verb.
    func watchOutput() {
        // try?: a pipe that is full or gone has been told, or has nobody to tell.
        try? nudge.write.writeAll([1])
    }

    /// Runs the body; interrupted, it is cancelled and may still return what it has. Nil where it was interrupted and
    /// threw.
    func run<Value: Sendable>(
        _ manner: Manner, _ body: @escaping @Sendable () async throws -> Value
    ) async throws -> Value? {
        let work = Task { try await body() }
        let number = enter(manner) { work.cancel() }
        defer { leave(number) }
        do { return try await work.value } catch {
            guard exitCode != nil else { throw error }
            return nil
        }
    }

    // MARK: Scopes

    private func enter(_ manner: Manner, _ cancel: @escaping @Sendable () -> Void) -> Int {
        let (number, isLate) = state.withLock { state in
            state.last += 1
            state.scopes.append((state.last, manner, cancel))
            return (state.last, state.cause != nil)
        }
        if isLate, manner != .shielded { cancel() }
        return number
    }

    private func leave(_ number: Int) { state.withLock { $0.scopes.removeAll { $0.number == number } } }

    private func interrupt(_ cause: Cause) {
        let cancel = state.withLock { state -> (@Sendable () -> Void)? in
            guard state.cause == nil else { SystemExit.now(state.cause?.rawValue ?? cause.rawValue) }
            state.cause = cause
            guard let scope = state.scopes.last else { SystemExit.now(cause.rawValue) }
            if scope.manner == .prompt { state.deadline = Self.now + Self.limit }
            return scope.manner == .shielded ? nil : scope.cancel
        }
        cancel?()
    }

    // MARK: The thread

    private func listen(_ output: Descriptor) {
        var watched: Descriptor?
        while true {
            let deadline = state.withLock { $0.deadline }
            let rest = deadline.map { Int32(clamping: max(0, $0 - Self.now)) }
            // try?: interrupted; it is looked at again.
            guard
                // try?: as above.
                let seen = try? Poll.wait([signals, nudge.read], output: watched, milliseconds: rest)
            else { continue }
            if let deadline, Self.now >= deadline { SystemExit.now(exitCode ?? Cause.interrupt.rawValue) }
            // try?: nothing was there to read after all, here and below.
            if seen.ready[1], case .bytes? = try? nudge.read.read(upTo: 16) { watched = output }
            // try?: as above.
            if seen.ready[0], case .bytes(let taken)? = try? signals.read(upTo: 64) {
                for number in taken { if let cause = Cause(signal: Int32(number)) { interrupt(cause) } }
            }
            if seen.isOutputClosed {
                watched = nil
                if exitCode == nil { interrupt(.closedOutput) }
            }
        }
    }

    private static var now: Int64 { BootClock.nanoseconds / 1_000_000 }
}
