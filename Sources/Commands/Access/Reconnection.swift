import APIServer
import Client
import Model
import Synchronization
import Text

/// Goes on with what is followed when the controller behind it ends and comes back.
///
/// Whatever follows (`get -w`, `events -w`, `top -w`, `logs -f`, `wait`, `delete`, a run) asks it after each failure,
/// and tells it of each success. Only what a restart explains is tried again, for `patience`; one that was never
/// reached is given up sooner.
struct Reconnection: Sendable {
    /// A controller with a large state takes its time to start.
    static let patience = Duration.minutes(2)
    /// Before anything was ever reached.
    static let firstPatience = Duration.seconds(10)
    static let pause = Duration.milliseconds(250)

    private let objects: ObjectClient
    private let console: Console
    private let notice: ConnectionNotice
    private var failingSince: Instant?
    private var wasReached = false

    init(_ objects: ObjectClient, _ console: Console, _ notice: ConnectionNotice) {
        self.objects = objects
        self.console = console
        self.notice = notice
    }

    /// Something was read.
    mutating func succeeded() {
        if failingSince != nil, wasReached { notice.isBack() }
        failingSince = nil
        wasReached = true
    }

    /// Returns once it is worth trying again; throws what can't be waited out.
    mutating func wait(after error: ClientError) async throws(ClientError) {
        guard !Task.isCancelled, Self.isPassing(error) else { throw error }
        let now = console.instant
        if failingSince == nil {
            failingSince = now
            if wasReached { notice.isLost() }
        }
        let limit = wasReached ? Self.patience : Self.firstPatience
        guard let since = failingSince, now - since < limit else { throw error }
        await console.sleep(until: now + Self.pause)
        guard error.status == 0 else { return }
        // Nothing is listed anew until somebody answers: without a controller the list would not change either.
        while !Task.isCancelled, console.instant - since < limit, await !isAnswered {
            await console.sleep(until: console.instant + Self.pause)
        }
        if Task.isCancelled { throw error }
    }

    private var isAnswered: Bool {
        get async {
            do throws(ClientError) {
                _ = try await objects.client.send(.init(.get, "/readyz"))
                return true
            } catch { return !Self.isPassing(error) }
        }
    }

    /// No answer, one cut short, an overloaded or starting server, a watch that is too old.
    static func isPassing(_ error: ClientError) -> Bool {
        (error.status == 0 && error.reason != "StateUnusable") || error.status >= 500
            || [410, 429].contains(error.status)
    }
}

/// Says that the controller is gone, and that it is back, once for all that is followed at the same time.
final class ConnectionNotice: Sendable {
    private let console: Console
    private let lost = Mutex(false)

    init(_ console: Console) { self.console = console }

    func isLost() { change(to: true, "no controller answers; going on as soon as one does") }

    func isBack() { change(to: false, "the controller answers again") }

    private func change(to new: Bool, _ sentence: TerminalText) {
        let isNews = lost.withLock { lost in
            defer { lost = new }
            return lost != new
        }
        if isNews { console.errors.line(sentence) }
    }
}
