import ArgumentParser
import Client
import Model
import Text
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
    // A number below zero is a value as well: it is refused as what it is.
    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("Which attempt; the current or last one if not given.", valueName: "n"))
    var attempt: Int?
    @Option(parsing: .unconditional, help: ArgumentHelp("Only that many of the last lines.", valueName: "lines"))
    var tail: Int?
    @OptionGroup var space: NamespaceArguments
    @OptionGroup var global: GlobalArguments

    func perform(_ context: Context) async throws -> Exit {
        if let attempt, attempt < 1 {
            throw CommandError(.failed, "--attempt \(attempt): attempts are counted from 1")
        }
        if let tail, tail < 0 { throw CommandError(.failed, "--tail \(tail): can't be negative") }
        let key = try ObjectNames.one(words, namespace: context.namespace(space), default: .task)
        let objects = try await context.objects()
        let reader = LogReader(objects, context.console, attempt: attempt, follow: follow, tail: tail)
        switch key.kind {
        case .task:
            let object = try await Finder(objects: objects).find(key)
            let attempts = Int(object["status"]?["attempt"]?.int ?? 0)
            if let attempt, attempt > max(attempts, follow ? 1 : 0) {
                let had = attempts == 0 ? "it has not started" : attempts == 1 ? "it had 1" : "it had \(attempts)"
                throw CommandError(.failed, "\(key.resourceName) has no attempt \(attempt): \(had)")
            }
            if attempts == 0, !follow {
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
                follow
                    || tasks.contains {
                        ObjectKey(object: $0) == key && Int($0["status"]?["attempt"]?.int ?? 0) >= attempt ?? 1
                    }
            }
            if started.isEmpty {
                let what = attempt.map { $0 > 1 ? "has had \($0) attempts" : "has started" } ?? "has started"
                context.note("no task of \(key.name) \(what)")
            }
            try await reader.readAll(started.map { ($0.0, context.paint(.cyan, $0.1.padded(to: width)).text + " | ") })
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
