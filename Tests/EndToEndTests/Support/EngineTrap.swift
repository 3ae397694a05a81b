import EngineProxy
import Glibc
import Kernel
import Synchronization

/// Waits for one call of all to the engine, and then strikes: kills the controller with SIGKILL at that very moment, or
/// spoils the call under a controller that lives.
final class EngineTrap: Sendable {
    enum Way: String, Sendable, CaseIterable {
        /// Killed when the call was about to be carried to the engine, which never sees it.
        case unsent
        /// Killed when the engine had acted, before the reply.
        case unanswered
        /// The reply comes late, when the controller has gone on with other things; killed as it is handed over.
        case lateReply
        /// Killed, and the engine sees the call only when the next controller is at work.
        case lateCall
        /// The controller lives; the engine never saw the call.
        case lostCall
        /// The controller lives; the engine acted, and the reply is lost.
        case lostReply
        /// The controller lives, and gets half of the reply.
        case halfReply

        var kills: Bool { self != .lostCall && self != .lostReply && self != .halfReply }
    }

    private struct State {
        var controller: Int32 = 0
        var hasStruck = false
        /// Calls since then.
        var later = 0
    }

    private let kind: String
    private let occurrence: Int
    let way: Way
    private let latch: Latch
    private let state = Mutex(State())

    /// So many calls of the next controller come before a late one.
    private static let headStart = 4

    init(_ call: ProxiedCall, _ way: Way) throws {
        kind = call.kind
        occurrence = call.occurrence
        self.way = way
        latch = try Latch()
    }

    var hasStruck: Bool { state.withLock { $0.hasStruck } }

    /// Whom to kill.
    func aim(at pid: Int32) { state.withLock { $0.controller = pid } }

    /// What still waits goes on: there is nothing left that could come before it.
    func letGo() { latch.open() }

    func treat(_ call: ProxiedCall) -> Treatment {
        let (isIt, isLate) = state.withLock { state in
            if !state.hasStruck, call.kind == kind, call.occurrence == occurrence {
                state.hasStruck = true
                return (true, false)
            }
            if state.hasStruck { state.later += 1 }
            return (false, state.later == Self.headStart)
        }
        if isLate { latch.open() }
        guard isIt else { return .pass }
        switch way {
        case .unsent:
            strike()
            return .dropBefore
        case .unanswered:
            var treatment = Treatment.dropAfter
            treatment.onReply = { self.strike() }
            return treatment
        case .lateReply:
            var treatment = Treatment.pass
            // The controller waits for this one alone, or goes on: whichever it is shows soon.
            treatment.onReply = { usleep(150_000) }
            treatment.onDelivery = { self.strike() }
            return treatment
        case .lateCall:
            strike()
            var treatment = Treatment.dropAfter
            treatment.onArrival = { self.latch.wait() }
            return treatment
        case .lostCall: return .dropBefore
        case .lostReply: return .dropAfter
        case .halfReply: return .cut
        }
    }

    private func strike() {
        let pid = state.withLock { $0.controller }
        if pid > 0 { kill(pid, SIGKILL) }
    }
}
