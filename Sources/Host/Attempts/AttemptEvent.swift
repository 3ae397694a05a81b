package import Model

/// What becomes of an attempt. Each attempt has at most one `started`, and exactly one `ended`.
package enum AttemptEvent: Sendable, Hashable {
    case started(AttemptName, at: Timestamp)
    /// Everything the attempt started is gone.
    case ended(AttemptName, AttemptEnd)
}

package struct AttemptEnd: Sendable, Hashable {
    /// Completed, ExitedNonZero, KilledBySignal, CouldNotStart, WorkerExhausted, StoppedFromOutside or OutputTooLarge.
    /// Whether a kill was a timeout or a
    /// cancellation is known to who asked for it.
    package var reason: Reason
    package var exitCode: Int?
    package var signal: Int?
    package var message: String?
    /// Of the message, what is known of the cause beyond exit code and signal.
    package var note: String?
    package var outputs: [String: String] = [:]
    package var startedAt: Timestamp?
    package var finishedAt: Timestamp?

    package init(_ reason: Reason, message: String? = nil) {
        self.reason = reason
        self.message = message
    }
}

extension AttemptEnd {
    static func outside(_ how: String) -> String {
        "ended by somebody else: \(how), and neither the controller nor the worker had asked for it"
    }

    /// From what the guard left and what the task wrote to `$RECONCILE_OUTPUT`.
    init(_ status: GuardStatus, outputs: Result<OutputFile, OutputFile.TooLarge>) {
        if let failure = status.failure {
            self.init(status.isWorkersFailure ? .workerExhausted : .couldNotStart, message: failure)
        } else if let outside = status.outsideSignal {
            // Many programs exit with 0 on SIGTERM: that they did is no success.
            self.init(.stoppedFromOutside, message: Self.outside("signal \(outside) to its guard"))
        } else if let signal = status.signal {
            self.init(.killedBySignal, message: "ended by signal \(signal)")
        } else if status.exitCode != 0 {
            self.init(.exitedNonZero, message: status.exitCode.map { "exited with code \($0)" })
        } else if case .failure(let tooLarge) = outputs {
            self.init(.outputTooLarge, message: tooLarge.message)
        } else {
            self.init(.completed)
        }
        exitCode = status.exitCode
        signal = status.signal
        startedAt = status.startedAt
        finishedAt = status.finishedAt
        note = status.note
        var notes = [message, status.note]
        if case .success(let file) = outputs {
            self.outputs = file.values
            notes.append(file.note)
        }
        let sentences = notes.compactMap(\.self)
        message = sentences.isEmpty ? nil : sentences.joined(separator: "; ")
    }
}
