import ArgumentParser
import Documents
import Tree

struct PlanCommand: Verb {
    static let configuration = CommandConfiguration(
        commandName: "plan", abstract: "Shows what apply would lead to: workers, placements, cost and time.",
        discussion: """
            The same engine that would do it, without effects; no cluster, no credentials. --simulate-failure lets \
            a region, pool or worker fail in the rehearsal, and shows downtime, cost and what would be blocked.

            \(Exit.plan)
            """)

    @OptionGroup var manifests: ManifestArguments
    @OptionGroup var space: NamespaceArguments
    @Flag(help: "Exit with 2 where something would change.") var detailedExitcode = false
    @Option(name: [.customShort("o"), .long], help: "text, json or yaml.") var output = ReportFormat.text
    @Flag(help: "Plan for workers that are processes of this machine.") var local = false
    @Option(
        help: ArgumentHelp("What fails: region=NAME, pool=NAMESPACE/NAME or worker=NAMESPACE/NAME.", valueName: "what"))
    var simulateFailure: [String] = []
    @OptionGroup var global: GlobalArguments

    func perform(_ context: Context) async throws -> Exit {
        var loaded = Manifests()
        if !manifests.filename.isEmpty {
            loaded = try ManifestLoader.load(manifests, namespace: space.namespace, context.console)
        }
        for warning in loaded.warnings { context.warn(warning) }
        var options = PlanOptions()
        options.global = context.global
        options.local = local
        options.simulateFailure = try simulateFailure.map(Self.checked)
        let report = try await context.runtime.plan(options, documents: loaded.trees)
        switch output {
        case .text: context.output.write(PlanText.render(report, paint: context.paint))
        case .json: context.output.write(JSON.pretty(report.tree))
        case .yaml: context.output.write(YAML.emit(report.tree))
        case .markdown: context.output.write("```\n\(PlanText.render(report))```\n")
        }
        // terraform's meaning of 2, which is not ours.
        return detailedExitcode && report.hasChanges ? .stuck : .done
    }

    private static func checked(_ word: String) throws(CommandError) -> String {
        let parts = word.split(separator: "=", maxSplits: 1).map(String.init)
        guard parts.count == 2, ["region", "pool", "worker"].contains(parts[0]) else {
            let meant = NearestName.suggest(parts.first ?? "", among: ["region", "pool", "worker"]).map { "Did you mean \($0)=…?" }
            throw CommandError(
                .failed, "--simulate-failure \(word): expected region=NAME, pool=NAMESPACE/NAME or worker=NAMESPACE/NAME", next: meant)
        }
        return word
    }
}
