import Model
import WorkerProtocol

// How an end is told.
extension AttemptReport {
    /// The report of an attempt that a runner saw end. What was stopped has ended for that cause, whatever its exit
    /// code: many programs exit with 0 on SIGTERM.
    init(_ held: HeldAttempt, ended end: AttemptEnd, cutOffAfter cutOff: Duration) {
        self.init(of: held.assignment, .ended, .completed)
        startedAt = held.started?.wall
        finishedAt = end.finishedAt
        exitCode = end.exitCode.flatMap { (-1024...1024).contains($0) ? $0 : nil }
        signal = end.signal.flatMap { (1...255).contains($0) ? $0 : nil }
        if let cause = held.stop?.cause {
            reason = cause.reason
            message = cause.sentence(held.assignment, cutOff)
        } else if let cause = end.notItsOwn {
            reason = cause.reason
            message = cause.message
        } else if let why = end.couldNotStart {
            reason = .couldNotStart
            message = why
        } else if end.signal != nil {
            reason = .killedBySignal
            message = end.note
        } else if end.exitCode != 0 {
            reason = .exitedNonZero
            message = end.note
        } else if let problem = end.outputProblem ?? Self.problem(of: end.outputs) {
            reason = .outputTooLarge
            message = problem
        } else {
            outputs = end.outputs
        }
        message = message.map(Self.clipped)
    }

    /// The report of an attempt that was never begun here.
    init(_ assignment: AssignmentMessage, neverBegun reason: Reason, _ message: String, now: Moment) {
        self.init(of: assignment, .ended, reason)
        self.message = message
        finishedAt = now.wall
    }

    private static func problem(of outputs: [String: String]) -> String? {
        if outputs.count > WireLimits.outputs {
            return "\(outputs.count) outputs, at most \(WireLimits.outputs) are kept"
        }
        for key in outputs.keys.sorted() {
            guard let value = outputs[key] else { continue }
            if key.utf8.count > 256 { return "the key of an output is longer than 256 bytes" }
            if value.utf8.count > WireLimits.outputValue {
                return "output \(key) has \(value.utf8.count) bytes, at most \(WireLimits.outputValue) are kept"
            }
        }
        let total = outputs.reduce(0) { $0 + $1.key.utf8.count + $1.value.utf8.count }
        return total > WireLimits.outputTotal
            ? "\(total) bytes of outputs, at most \(WireLimits.outputTotal) are kept" : nil
    }

    private static func clipped(_ text: String) -> String {
        guard text.unicodeScalars.count > WireLimits.message else { return text }
        return String(String.UnicodeScalarView(text.unicodeScalars.prefix(WireLimits.message - 1))) + "…"
    }
}

extension StopCause {
    var reason: Reason {
        switch self {
        case .asked, .draining: .cancelled
        case .timedOut: .timedOut
        case .fenced, .cutOff: .fenced
        }
    }

    func sentence(_ assignment: AssignmentMessage, _ cutOff: Duration) -> String {
        switch self {
        case .asked(let reason): "stopped by the controller: \(reason.rawValue)"
        case .timedOut: "ran longer than \((assignment.timeout ?? .zero).text)"
        case .fenced: "stopped: the controller assigns this attempt to this worker no more"
        case .cutOff: "stopped: exclusive, and the controller did not answer for \(cutOff.text)"
        case .draining: "stopped: the worker was shut down"
        }
    }
}
