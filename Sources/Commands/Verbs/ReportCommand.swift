import ArgumentParser
import Client
import Documents
import Model
import Text
import Tree

struct ReportCommand: Verb {
    static let configuration = CommandConfiguration(
        commandName: "report",
        abstract: "Reports on a plan: where each task ran and by which rule, cost by region, recoveries.",
        discussion: """
            For audits of data residency: every attempt of every task counts, those that failed too.

            \(Exit.common)
              2  a task with regulations ran where they are not satisfied
            """)

    @Argument(help: ArgumentHelp("The plan: xplan/NAME.", valueName: "plan")) var words: [String]
    @Option(name: [.customShort("o"), .long], help: "text, json, yaml or markdown.") var output = ReportFormat.text
    @OptionGroup var space: NamespaceArguments
    @OptionGroup var global: GlobalArguments

    func perform(_ context: Context) async throws -> Exit {
        let key = try ObjectNames.one(words, namespace: context.namespace(space), default: .executionPlan)
        guard key.kind == .executionPlan else {
            throw CommandError(.failed, "there are reports on plans only", next: "Name xplan/NAME.")
        }
        let objects = try await context.objects()
        let finder = Finder(objects: objects)
        let plan = try ExecutionPlan(tree: try await finder.find(key))
        let tasks = try await finder.children(.task, of: key).map { try WorkTask(tree: $0) }
        let regions = try await objects.list(.region).items.map { try Region(tree: $0) }
        let report = RunReport(plan: plan, tasks: tasks, regions: regions)
        switch output {
        case .text: context.output.write(report.text(context.paint, width: context.width))
        case .json: context.output.write(.json(report.tree))
        case .yaml: context.output.write(.yaml(report.tree))
        case .markdown: context.output.write(.markdown(report.markdown))
        }
        return report.residency.contains { !$0.isLawful } ? .stuck : .done
    }
}
