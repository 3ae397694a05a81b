import ArgumentParser
import Client
import Model
import Text
import Tree

struct RetryCommand: Verb {
    static let configuration = CommandConfiguration(
        commandName: "retry",
        abstract: "Lets tasks run again whose worker was lost while autoFailover is off.",
        discussion: """
            A plan with `faultTolerance.autoFailover: false` leaves it to a person what happens to a task whose worker \
            was lost: this verb lets it run again, `cancel` gives the plan up. What has ended stays ended: change the \
            plan and apply it to run it anew.

            \(Exit.common)
            """)

    @Argument(help: ArgumentHelp("Tasks: xtask/NAME, or plans: xplan/NAME for all of theirs.", valueName: "what"))
    var words: [String]
    @OptionGroup var space: NamespaceArguments
    @OptionGroup var global: GlobalArguments

    func perform(_ context: Context) async throws -> Exit {
        let objects = try await context.objects()
        let finder = Finder(objects: objects)
        for word in words {
            let key = try ObjectNames.one([word], namespace: context.namespace(space), default: .task)
            switch key.kind {
            case .task:
                let task = try WorkTask(tree: try await finder.find(key))
                guard Self.isUndecided(task) else { throw Self.nothing(task) }
                try await retry(task, objects, context)
            case .executionPlan:
                _ = try await finder.find(key)
                let tasks = try await finder.children(.task, of: key).map { try WorkTask(tree: $0) }
                let waiting = tasks.filter(Self.isUndecided)
                guard !waiting.isEmpty else {
                    throw CommandError(.failed, "no task of \(key.resourceName) waits for a decision")
                }
                for task in waiting { try await retry(task, objects, context) }
            default:
                throw CommandError(
                    .failed, "a \(key.kind.rawValue) can't be retried", next: "Name xtask/NAME or xplan/NAME.")
            }
        }
        return .done
    }

    private static func isUndecided(_ task: WorkTask) -> Bool {
        task.status.phase == .pending && task.status.reason == Reason.awaitingDecision.rawValue
    }

    private static func nothing(_ task: WorkTask) -> CommandError {
        let phase = task.status.phase
        let next: TerminalText =
            phase.isTerminal
            ? "It has ended. To run it anew, change the plan and apply it."
            : "Only a task whose reason is AwaitingDecision can."
        return CommandError(
            .failed, "\(task.key.resourceName) is \(phase.rawValue): it waits for no decision", next: next)
    }

    private func retry(_ task: WorkTask, _ objects: ObjectClient, _ context: Context) async throws {
        let annotations = Tree(dictionaryLiteral: (Names.retryAfter, .string(String(task.status.attempt))))
        _ = try await objects.mergePatch(task.key, ["metadata": ["annotations": annotations]])
        context.output.line("\(task.key.resourceName) is tried again: attempt \(task.status.attempt + 1)")
    }
}
