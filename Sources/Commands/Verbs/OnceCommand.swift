import ArgumentParser
import Client
import Model
import Text
import Tree

/// `reconcile --once`, written as a verb for the parser.
struct OnceCommand: WholeVerb {
    static let configuration = CommandConfiguration(
        commandName: "once", abstract: "Loads, compares, converges and ends: written --once.",
        usage: """
            reconcile --once -f <path> … [--local] [--wait] [--timeout <span>] [--ci <system>] [--dry-run]
            """,
        discussion: """
            For pipelines and first tries. With no state named and none running, the state is thrown away at the end. \
            --local runs every worker as a process of this machine; as those end with the command, it implies --wait.

            \(Exit.once)
            """)

    @OptionGroup var manifests: ManifestArguments
    @OptionGroup var space: NamespaceArguments
    @Flag(help: "Workers are processes of this machine, whatever their region says.") var local = false
    @Flag(help: "Go on until everything has ended or is ready.") var wait = false
    @Option(help: ArgumentHelp("The longest it may take; 0 is for ever.", valueName: "span")) var timeout = Span(.zero)
    @Option(help: "Speak to a CI system: none, github or gitlab.") var ci: PipelineSystem?
    @Option(help: ArgumentHelp("Write the results as JUnit XML.", valueName: "file")) var junit: String?
    @Flag(help: "Plan only: see `reconcile plan`.") var dryRun = false
    @Option(help: ArgumentHelp("Marks what is ours in clouds; default from the state.", valueName: "id")) var clusterID:
        String?
    @Flag(help: "Take over fields that another writer owns.") var forceConflicts = false
    @OptionGroup var egress: EgressArguments
    @OptionGroup var global: GlobalArguments

    func perform(whole context: Context) async throws -> Int32 {
        let pipeline = Pipeline(ci ?? .detect(context.console.environment), context.console)
        let loaded: Manifests
        do throws(ManifestError) {
            loaded = try ManifestLoader.load(manifests, space, context)
        } catch {
            pipeline.annotate(error.issues)
            throw error
        }
        for warning in loaded.allWarnings { context.warn("\(warning)") }
        if dryRun {
            var options = PlanOptions()
            options.global = context.global
            options.local = local
            options.onDemand = true
            let report = try await context.runtime.plan(options, documents: loaded.trees).scoped(to: loaded.trees)
            context.output.write(PlanText.render(report, paint: context.paint, width: context.width))
            pipeline.summarise(report)
            return Exit.done.rawValue
        }
        var options = OnceOptions()
        options.global = context.global
        options.local = local
        options.clusterID = clusterID
        options.documents = loaded.trees
        options.egress = egress.options
        return try await context.runtime.once(options) { client in
            try await converge(loaded, ObjectClient(client), pipeline, context).rawValue
        }
    }

    private func converge(
        _ loaded: Manifests, _ objects: ObjectClient, _ pipeline: Pipeline, _ context: Context
    ) async throws -> Exit {
        let applied: [Applied]
        do {
            applied = try await Applier(objects: objects, force: forceConflicts, dryRun: false).apply(loaded) {
                applied in
                if applied.outcome != .unchanged { context.output.line("\(applied.sentence)") }
            }
        } catch let error as ClientError {
            throw CommandError(error)
        }
        let changed = applied.count { $0.outcome != .unchanged }
        let scope = RunScope(loaded.items.map(\.key))
        let waits = wait || local
        // Without --wait one pass is wanted: a controller that has no answer within this time has none.
        let longest = timeout.duration == .zero ? (waits ? nil : Duration.minutes(5)) : timeout.duration
        let follower = RunFollower(
            objects: objects, scope: scope, console: context.console, paint: context.errorPaint, waits: waits,
            timeout: longest)
        let ending = try await follower.run()
        let summary = RunSummary(board: ending.board, now: context.console.now)
        context.output.write(summary.text(context.paint, width: context.width))
        context.output.line("\(changed) changed")
        if let message = ending.message { context.note(message) }
        try pipeline.finish(summary, ending.exit, changed: changed, junit: junit)
        return ending.exit
    }
}
