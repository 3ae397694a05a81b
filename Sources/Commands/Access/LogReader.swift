import Client
import Model
import Text
import Tree

/// Copies logs to a sink, line by line where several are mixed.
struct LogReader {
    let objects: ObjectClient
    let console: Console
    let attempt: Int?
    let follow: Bool
    let tail: Int?

    private var sink: any TextSink { console.output }

    init(_ objects: ObjectClient, _ console: Console, attempt: Int?, follow: Bool, tail: Int?) {
        self.objects = objects
        self.console = console
        self.attempt = attempt
        self.follow = follow
        self.tail = tail
    }

    /// All at once when following; one after the other otherwise, so that each reads as a whole.
    func readAll(_ tasks: [(key: ObjectKey, prefix: String)]) async throws {
        guard follow else {
            for task in tasks { try await read(task.key, prefix: task.prefix) }
            return
        }
        let notice = ConnectionNotice(console)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for task in tasks { group.addTask { try await read(task.key, prefix: task.prefix, notice) } }
            try await group.waitForAll()
        }
    }

    func read(_ task: ObjectKey, prefix: String, _ notice: ConnectionNotice? = nil) async throws(ClientError) {
        var lines = LogLines(prefix: prefix)
        var place = Place(attempt: try await first(task))
        if let tail {
            var last = LogTail(prefix: prefix, count: tail)
            try await copy(task, place, follow: false) { last.add($0) }
            sink.write(.log(last.text(whole: !follow)))
            place.offset = last.bytes
        }
        if follow {
            try await follow(task, from: place, notice ?? ConnectionNotice(console)) { write(&lines, $0) }
        } else if tail == nil {
            try await copy(task, place, follow: false) { write(&lines, $0) }
        }
        sink.write(.log(lines.end()))
    }

    // MARK: Details

    /// Where in which attempt the next byte is.
    private struct Place {
        var attempt: Int
        var offset = 0
    }

    private func write(_ lines: inout LogLines, _ piece: [UInt8]) {
        let text = lines.add(piece)
        if !text.isEmpty { sink.write(.log(text)) }
    }

    private func first(_ task: ObjectKey) async throws(ClientError) -> Int {
        if let attempt { return attempt }
        return max(1, Int(try await objects.get(task)?["status"]?["attempt"]?.int ?? 1))
    }

    private func copy(
        _ task: ObjectKey, _ place: Place, follow: Bool, _ take: ([UInt8]) -> Void
    ) async throws(ClientError) {
        let stream = try await objects.log(task, attempt: place.attempt, from: place.offset, follow: follow)
        defer { stream.close() }
        while let piece = try await stream.next() { take(piece) }
    }

    /// One attempt after the other until the task, or the attempt asked for, has ended; across restarts of the
    /// controller, each byte once.
    private func follow(
        _ task: ObjectKey, from start: Place, _ notice: ConnectionNotice, _ take: ([UInt8]) -> Void
    ) async throws(ClientError) {
        var place = start
        var connection = Reconnection(objects, console, notice)
        while !Task.isCancelled {
            do throws(ClientError) {
                try await copy(task, place, follow: true) { piece in
                    connection.succeeded()
                    place.offset += piece.count
                    take(piece)
                }
                let next = try await next(task, place)
                connection.succeeded()
                guard let next else { return }
                if next.attempt == place.attempt { await console.sleep(until: console.instant + Reconnection.pause) }
                place = next
            } catch {
                if Task.isCancelled { return }
                try await connection.wait(after: error)
            }
        }
    }

    /// Where to go on once a stream has ended: a controller that stops ends it as well. Nil: nothing more comes.
    private func next(_ task: ObjectKey, _ place: Place) async throws(ClientError) -> Place? {
        guard let status = try await objects.get(task)?["status"] else { return nil }
        let current = Int(status["attempt"]?.int ?? 0)
        let phase = TaskPhase(rawValue: status["phase"]?.string ?? "") ?? .pending
        if phase.isTerminal, current <= place.attempt { return nil }
        let isOver = current > place.attempt || (current == place.attempt && !phase.isBound)
        guard isOver else { return place }
        return attempt == nil ? Place(attempt: place.attempt + 1) : nil
    }
}
