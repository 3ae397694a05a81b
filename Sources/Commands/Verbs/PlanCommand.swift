import ArgumentParser
import Documents
import Kernel
import Text
import Tree

struct PlanCommand: Verb {
    static let configuration = CommandConfiguration(
        commandName: "plan", abstract: "Shows what apply would lead to: workers, placements, cost and time.",
        discussion: """
            The same engine that would do it, without effects; no cluster, no credentials. --simulate-failure lets \
            something fail in the rehearsal, early in the plan, and shows downtime, cost, and what would be blocked \
            beside what is blocked anyway: a region or a provider, whose workers are lost and which answers no more, \
            or a pool or a worker, of which new ones come as usual.

            \(Exit.plan)
            """)

    @OptionGroup var manifests: ManifestArguments
    @OptionGroup var space: NamespaceArguments
    @Flag(help: "Exit with 2 where something would change.") var detailedExitcode = false
    @Option(
        name: [.customShort("o"), .long],
        help: ArgumentHelp(
            "text, json or yaml; or a file that ends in .json, to apply exactly this plan.", valueName: "format"))
    var output = PlanOutput.format(.text)
    @Flag(help: "Show the whole state, not only what the manifests touch.") var all = false
    @Flag(help: "Plan for workers that are processes of this machine.") var local = false
    @Option(
        help: ArgumentHelp(
            "What fails: region=NAME, provider=KIND, pool=NAMESPACE/NAME or worker=NAMESPACE/NAME; may be repeated.",
            valueName: "what"))
    var simulateFailure: [String] = []
    @OptionGroup var global: GlobalArguments

    func perform(_ context: Context) async throws -> Exit {
        var loaded = Manifests()
        if !manifests.filename.isEmpty {
            loaded = try ManifestLoader.load(manifests, space, context)
        }
        for warning in loaded.allWarnings { context.warn("\(warning)") }
        var options = PlanOptions()
        options.global = context.global
        options.local = local
        options.simulateFailure = try simulateFailure.map { try Self.checked($0, in: context.namespace(space)) }
        var report = try await context.runtime.plan(options, documents: loaded.trees)
        if !all, !loaded.items.isEmpty { report = report.scoped(to: loaded.trees) }
        switch output {
        case .format(.text): context.output.write(PlanText.render(report, paint: context.paint, width: context.width))
        case .format(.json): context.output.write(.json(report.tree))
        case .format(.yaml): context.output.write(.yaml(report.tree))
        case .format(.markdown): context.output.write(.markdown(Encoded(block: PlanText.render(report))))
        case .file(let path):
            context.output.write(PlanText.render(report, paint: context.paint, width: context.width))
            try save(report, loaded, path)
            context.hint("Next: reconcile apply -f \(Encoded<Shell>(path))")
        }
        if let gaveUp = report.gaveUp {
            context.warn("\(gaveUp); plan fewer manifests at a time, or apply and watch: reconcile get xplan -w")
            return .timedOut
        }
        // terraform's meaning of 2, which is not ours.
        return detailedExitcode && report.hasChanges ? .stuck : .done
    }

    /// The report with the manifests it is about.
    private func save(_ report: PlanReport, _ loaded: Manifests, _ path: String) throws(CommandError) {
        var tree = report.tree
        tree["objects"] = .array(loaded.trees)
        do throws(SystemError) { try Files.replace(path, Array(JSON.pretty(tree).utf8)) } catch {
            throw CommandError(.failed, "\(path): can't be written: \(error.reason)")
        }
    }

    private static let parts = ["region", "provider", "pool", "worker"]

    /// The word with the namespace that a pool or worker without one is looked for in.
    private static func checked(_ word: String, in namespace: String) throws(CommandError) -> String {
        let parts = word.split(separator: "=", maxSplits: 1).map(String.init)
        guard parts.count == 2, Self.parts.contains(parts[0]) else {
            let meant = NearestName.suggest(parts.first ?? "", among: Self.parts).map {
                "Did you mean \($0)=…?" as TerminalText
            }
            throw CommandError(
                .failed,
                "--simulate-failure \(word): expected region=NAME, provider=KIND, pool=NAMESPACE/NAME or "
                    + "worker=NAMESPACE/NAME",
                next: meant)
        }
        guard ["pool", "worker"].contains(parts[0]), !parts[1].contains("/") else { return word }
        return "\(parts[0])=\(namespace)/\(parts[1])"
    }
}

/// A format on standard output, or the file to save a plan to.
enum PlanOutput: ExpressibleByArgument, Sendable, Hashable {
    case format(ReportFormat)
    case file(String)

    init?(argument: String) {
        if let format = ReportFormat(argument: argument) {
            self = .format(format)
        } else if argument.hasSuffix(".json") {
            self = .file(argument)
        } else {
            return nil
        }
    }

    var defaultValueDescription: String {
        switch self {
        case .format(let format): format.rawValue
        case .file(let path): path
        }
    }
}
