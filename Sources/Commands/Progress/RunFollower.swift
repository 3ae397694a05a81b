import Client
import Model
import Text
import Tree

/// Follows what was applied until it is decided how it ends, and shows it meanwhile.
struct RunFollower {
    struct Ending: Sendable {
        let exit: Exit
        let board: RunBoard
        /// Why it ended as it did, where that is no success.
        let message: TerminalText?
    }

    let objects: ObjectClient
    let scope: RunScope
    let console: Console
    let paint: Paint
    /// Until everything has ended; otherwise until controllers have done what they can for now.
    let waits: Bool
    let timeout: Duration?

    /// What can't proceed may yet, when a worker comes up or another plan ends: this long without change is an end.
    private static let patience = Duration.seconds(10)

    func run() async throws -> Ending {
        let start = console.instant
        let deadline = timeout.map { start + $0 } ?? .distantFuture
        var view = View(console.errors, paint)
        var latest = RunBoard([], scope: scope)
        var stuck: (since: Instant, what: [ObjectKey])?
        let mirror = Mirror(objects, scope.sources)
        guard !scope.sources.isEmpty else { return Ending(exit: .done, board: latest, message: nil) }
        let ending: Ending? = try await mirror.follow(until: deadline, every: view.interval, console) { objects in
            let board = RunBoard(objects, scope: scope)
            latest = board
            view.show(board, console.now)
            let now = console.instant
            let stopped = board.verdicts.filter { if case .stuck = $0.verdict { true } else { false } }.map(\.key)
            if stopped.isEmpty || stopped != stuck?.what { stuck = stopped.isEmpty ? nil : (now, stopped) }
            let patient = stuck.map { now - $0.since < Self.patience } ?? false
            return Self.ending(board, waits: waits, isPatient: patient)
        }
        if let ending {
            let board = await settled(ending.board)
            view.show(board, console.now)
            view.end()
            return Ending(exit: ending.exit, board: board, message: ending.message)
        }
        view.end()
        if Task.isCancelled { return Ending(exit: .failed, board: latest, message: Self.leftRunning(latest)) }
        let left = latest.verdicts.filter { $0.verdict != .done }.map { key, _ -> TerminalText in
            latest.sentence(of: key).map { "\n\(key): \($0)" } ?? "\n\(key)"
        }
        let head: TerminalText = "timed out after \(timeout?.text ?? "0s"); not done:"
        return Ending(exit: .timedOut, board: latest, message: left.reduce(head) { $0 + $1 })
    }

    /// The watches of several kinds are not in step: the last board is read anew, so that tasks agree with their plan.
    private func settled(_ board: RunBoard) async -> RunBoard {
        var all: [Tree] = []
        do throws(ClientError) {
            for source in scope.sources {
                all += try await objects.list(source.kind, namespace: source.namespace).items
            }
        } catch {
            return board
        }
        return RunBoard(all, scope: scope)
    }

    /// Nil while it is open how it ends.
    static func ending(_ board: RunBoard, waits: Bool, isPatient: Bool) -> Ending? {
        let verdicts = board.verdicts
        var failures: [TerminalText] = []
        var underWay = false
        for (key, verdict) in verdicts {
            switch verdict {
            case .done: break
            case .underWay: underWay = true
            case .failed(let why): failures.append("\(key): \(why)")
            case .stuck(let why):
                if isPatient { underWay = true }
                failures.append("\(key): \(why)")
            }
        }
        if underWay {
            guard !waits, !isPatient, board.isSettled else { return nil }
            let message: TerminalText = "work still runs; follow it with: reconcile get tasks -w"
            return Ending(
                exit: failures.isEmpty ? .stillRunning : .stuck, board: board, message: failures.first ?? message)
        }
        guard failures.isEmpty else {
            return Ending(exit: .stuck, board: board, message: failures.joined(separator: "\n"))
        }
        return Ending(exit: .done, board: board, message: nil)
    }

    static func leftRunning(_ board: RunBoard) -> TerminalText {
        let bound = board.tasks.filter(\.phase.isBound)
        guard !bound.isEmpty else { return "interrupted; no task was running" }
        let names = bound.prefix(10).map { "\($0.name) on \($0.worker)" }.joined(separator: ", ")
        let more = bound.count > 10 ? " and \(bound.count - 10) more" : ""
        return
            "interrupted while \(bound.count) \(bound.count == 1 ? "task was" : "tasks were") running: \(names)\(more)"
    }

    /// A live board on a terminal, a log of changes elsewhere.
    private struct View {
        private var live: LiveBoard?
        private var log: ChangeLog

        init(_ sink: any TextSink, _ paint: Paint) {
            live = sink.isTerminal ? LiveBoard(sink, paint) : nil
            log = ChangeLog(sink)
        }

        /// A clock on a screen moves every second.
        var interval: Duration { live == nil ? .seconds(5) : .seconds(1) }

        mutating func show(_ board: RunBoard, _ now: Timestamp) {
            if live == nil { log.write(board, now: now) } else { live?.draw(board, now: now) }
        }

        mutating func end() { live?.erase() }
    }
}
