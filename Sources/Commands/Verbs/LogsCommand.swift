import ArgumentParser
import Client
import Model
import Tree

struct LogsCommand: Verb {
    static let configuration = CommandConfiguration(
        commandName: "logs", abstract: "Prints what a task, or every task of a plan, has written.",
        usage: "reconcile logs <task> | xtask/<name> | xplan/<name> [-f] [--attempt <n>] [--tail <lines>]",
        discussion: """
            The lines of a plan's tasks are mixed as they come, each with its task before it.

            \(Exit.common)
            """)

    @Argument(help: ArgumentHelp("A task or a plan.", valueName: "what")) var words: [String]
    @Flag(name: [.customShort("f"), .long], help: "Go on until the attempt has ended.") var follow = false
    @Option(help: ArgumentHelp("Which attempt; the current or last one if not given.", valueName: "n")) var attempt:
        Int?
    @Option(help: ArgumentHelp("Only that many of the last lines.", valueName: "lines")) var tail: Int?
    @OptionGroup var space: NamespaceArguments
    @OptionGroup var global: GlobalArguments

    func perform(_ context: Context) async throws -> Exit {
        let key = try ObjectNames.one(words, namespace: context.namespace(space), default: .task)
        let objects = try await context.objects()
        let reader = LogReader(objects: objects, sink: context.output, attempt: attempt, follow: follow, tail: tail)
        switch key.kind {
        case .task:
            let object = try await Finder(objects: objects).find(key)
            if object["status"]?["attempt"]?.int ?? 0 == 0, !follow {
                context.note("\(key.name) has not started: \(Self.reason(object))")
                return .done
            }
            try await reader.read(key, prefix: "")
        case .executionPlan:
            _ = try await Finder(objects: objects).find(key)
            let tasks = try await Finder(objects: objects).children(.task, of: key)
            let names = tasks.compactMap { task -> (ObjectKey, String)? in
                guard let key = ObjectKey(object: task) else { return nil }
                return (key, task["spec"]?["task"]?.string ?? key.name)
            }
            let width = names.map(\.1.count).max() ?? 0
            let started = names.filter { key, _ in
                follow || tasks.contains { ObjectKey(object: $0) == key && $0["status"]?["attempt"]?.int ?? 0 > 0 }
            }
            try await reader.readAll(started.map { ($0.0, context.paint(.cyan, $0.1.padded(to: width)) + " | ") })
        default:
            throw CommandError(
                .failed, "a \(key.kind.rawValue) has no log",
                next: "Logs belong to tasks: xtask/NAME, or xplan/NAME for all of a plan.")
        }
        return .done
    }

    private static func reason(_ task: Tree) -> String {
        let status = task["status"] ?? .emptyObject
        let parts = [status["reason"]?.string ?? status["phase"]?.string ?? "Pending", status["message"]?.string ?? ""]
        return parts.filter { !$0.isEmpty }.joined(separator: ": ")
    }
}

/// Copies logs to a sink, line by line where several are mixed.
struct LogReader {
    let objects: ObjectClient
    let sink: any TextSink
    let attempt: Int?
    let follow: Bool
    let tail: Int?

    func read(_ task: ObjectKey, prefix: String) async throws(ClientError) {
        var lines = LogLines(prefix: prefix)
        var skipped = 0
        if let tail {
            var last = LogTail(prefix: prefix, count: tail)
            try await copy(task, follow: false) { last.add($0) }
            sink.write(last.text(whole: !follow))
            guard follow else { return }
            skipped = last.bytes
        }
        try await copy(task, follow: follow) { piece in
            let rest = piece.dropFirst(skipped)
            skipped -= piece.count - rest.count
            let text = lines.add(rest)
            if !text.isEmpty { sink.write(text) }
        }
        sink.write(lines.end())
    }

    private func copy(_ task: ObjectKey, follow: Bool, _ take: ([UInt8]) -> Void) async throws(ClientError) {
        let stream = try await objects.log(task, attempt: attempt, follow: follow)
        defer { stream.close() }
        while let piece = try await stream.next() { take(piece) }
    }

    /// All at once when following; one after the other otherwise, so that each reads as a whole.
    func readAll(_ tasks: [(key: ObjectKey, prefix: String)]) async throws {
        guard follow else {
            for task in tasks { try await read(task.key, prefix: task.prefix) }
            return
        }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for task in tasks { group.addTask { try await read(task.key, prefix: task.prefix) } }
            try await group.waitForAll()
        }
    }
}

/// Cuts bytes into whole lines, each with a prefix.
struct LogLines {
    private let prefix: String
    private var rest: [UInt8] = []

    /// A line longer than this is cut into several.
    private static let longest = 64 << 10

    init(prefix: String) { self.prefix = prefix }

    /// The lines that are whole now.
    mutating func add(_ piece: some Sequence<UInt8>) -> String {
        var text = ""
        for byte in piece {
            if byte != UInt8(ascii: "\n") { rest.append(byte) }
            if byte == UInt8(ascii: "\n") || rest.count >= Self.longest { text += line() }
        }
        return text
    }

    /// What is left of a last line without an end.
    mutating func end() -> String { rest.isEmpty ? "" : line() }

    private mutating func line() -> String {
        let text = prefix + String(decoding: rest, as: UTF8.self) + "\n"
        rest.removeAll(keepingCapacity: true)
        return text
    }
}

/// The last lines of a log, and how many bytes come before what follows them.
struct LogTail {
    private let prefix: String
    private let count: Int
    private var lines: [[UInt8]] = []
    private var rest: [UInt8] = []
    private var total = 0

    init(prefix: String, count: Int) {
        self.prefix = prefix
        self.count = max(0, count)
    }

    /// Whole lines only: the beginning of one that is not yet written out belongs to what follows.
    var bytes: Int { total - rest.count }

    mutating func add(_ piece: [UInt8]) {
        total += piece.count
        for byte in piece {
            guard byte == UInt8(ascii: "\n") else {
                rest.append(byte)
                continue
            }
            lines.append(rest)
            rest = []
            if lines.count > count { lines.removeFirst(lines.count - count) }
        }
    }

    /// An unfinished line counts as one; unless this is the `whole` of it, it is left to what follows.
    func text(whole: Bool) -> String {
        var all = (rest.isEmpty ? lines : lines + [rest]).suffix(count)
        if !whole, !rest.isEmpty { all = all.dropLast() }
        return all.map { prefix + String(decoding: $0, as: UTF8.self) + "\n" }.joined()
    }
}
