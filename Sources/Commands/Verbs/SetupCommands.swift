import ArgumentParser
import Documents
import Kernel
import Model
import Text
import Tree

struct CRDsCommand: Verb {
    static let configuration = CommandConfiguration(
        commandName: "crds", abstract: "Prints the CustomResourceDefinitions of our kinds.", discussion: Exit.common)

    @Option(help: ArgumentHelp("Write a file each into this directory instead.", valueName: "dir")) var directory:
        String?
    @OptionGroup var global: GlobalArguments

    func perform(_ context: Context) async throws -> Exit {
        let definitions = Kind.own.map { ($0, CustomResourceDefinition.tree(for: $0)) }
        guard let directory else {
            context.output.write(.documents(definitions.map(\.1)))
            return .done
        }
        do throws(SystemError) {
            try Files.makeDirectories(directory)
            for (kind, tree) in definitions {
                let path = "\(directory)/\(kind.group)_\(kind.plural).yaml"
                try Files.replace(path, Array(YAML.emit(tree).utf8))
                context.output.line("\(path)")
            }
        } catch {
            throw CommandError(.failed, "\(directory): can't be written: \(error.reason)")
        }
        return .done
    }
}

struct DoctorCommand: Verb {
    static let configuration = CommandConfiguration(
        commandName: "doctor",
        abstract: "Checks this machine, the state, the cluster and each provider, with the fix for what is wrong.",
        discussion: "\(Exit.common)\n  2  something is wrong")

    @OptionGroup var global: GlobalArguments

    func perform(_ context: Context) async throws -> Exit {
        let found = try await context.runtime.diagnose(context.global)
        let width = min(28, found.map(\.name.count).max() ?? 0)
        for diagnosis in found {
            let mark =
                switch diagnosis.verdict {
                case .good: context.paint(.green, "✔")
                case .bad: context.paint(.red, "✗")
                case .unknown: context.paint(.yellow, "?")
                }
            context.output.line("\(mark) \(diagnosis.name.padded(to: width))   \(diagnosis.detail)")
            if let fix = diagnosis.fix {
                context.output.line("  \(String(repeating: " ", count: width))   fix: \(fix)")
            }
        }
        let bad = found.count { $0.verdict == .bad }
        guard bad > 0 else { return .done }
        context.note(bad == 1 ? "1 thing to fix" : "\(bad) things to fix")
        return .stuck
    }
}

struct SweepCommand: Verb {
    static let configuration = CommandConfiguration(
        commandName: "sweep", abstract: "Removes what lost runs left behind in clouds and on this machine.",
        discussion:
            "Only what carries the cluster id and has no owner any more is touched. It asks this machine, the engines of the "
            + "state's regions, and the one that DOCKER_HOST or --provider docker names. What is younger than a minute "
            + "may be of a controller elsewhere: it is waited for and looked at again.\n\n\(Exit.common)\n"
            + "  2  something could not be asked or removed, or is left"
    )

    @Option(help: ArgumentHelp("Whose remains; default the state's own.", valueName: "id")) var clusterID: String?
    @Flag(help: "Only list them.") var dryRun = false
    @Option(help: ArgumentHelp("Ask this provider too, although no region names it: docker.", valueName: "name"))
    var provider: [String] = []
    @OptionGroup var global: GlobalArguments

    func perform(_ context: Context) async throws -> Exit {
        var options = SweepOptions()
        options.global = context.global
        options.clusterID = clusterID
        options.dryRun = dryRun
        options.providers = provider
        if let unknown = provider.first(where: { $0 != "docker" }) {
            throw ValidationError("--provider \(unknown): a sweep can ask docker; this machine it asks always")
        }
        let report = try await sweep(options, context)
        for failure in report.failed { context.note("not asked: \(failure)") }
        context.note("asked \(report.asked.joined(separator: ", "))")
        guard !report.resources.isEmpty else {
            context.note("nothing left behind")
            return report.failed.isEmpty ? .done : .stuck
        }
        let rows = report.resources.map { resource -> [TextTable.Cell] in
            [
                TextTable.Cell(resource.provider), TextTable.Cell(resource.region), TextTable.Cell(resource.id),
                .optional(resource.age?.age), TextTable.Cell(Self.text(resource.outcome)),
            ]
        }
        context.output.write(TextTable(["Provider", "Region", "ID", "Age", "Result"], rows).text(context.paint))
        // Whoever asked for it relies on there being nothing any more: a script looks at the code alone.
        let isOver = report.resources.allSatisfy { $0.outcome == .removed || dryRun }
        return isOver && report.failed.isEmpty ? .done : .stuck
    }

    /// What is too young to be told from what a controller makes just now is waited for, and looked at once more.
    private func sweep(_ options: SweepOptions, _ context: Context) async throws -> SweepReport {
        let report = try await context.runtime.sweep(options)
        let young = report.resources.filter { $0.outcome == .tooYoung }
        guard !young.isEmpty, !options.dryRun else { return report }
        // The age is rounded for nobody: a second more, and each is older than that.
        let wait = young.compactMap { $0.age.map { SweptResource.grace - $0 } }.max() ?? SweptResource.grace
        let count = young.count == 1 ? "1 is" : "\(young.count) are"
        let left = Duration.seconds(max(1, (min(wait, SweptResource.grace).milliseconds + 1999) / 1000))
        context.note("\(count) younger than \(SweptResource.grace.text): looking again in \(left.text)")
        await context.console.sleep(until: context.console.instant + left)
        var last = try await context.runtime.sweep(options)
        last.resources = report.resources.filter { $0.outcome != .tooYoung } + last.resources
        return last
    }

    private static func text(_ outcome: SweptResource.Outcome) -> String {
        switch outcome {
        case .removed: "removed"
        case .found: "found"
        case .tooYoung: "left: younger than \(SweptResource.grace.text), run sweep again"
        case .notRemoved(let why): "not removed: \(why)"
        }
    }
}

struct VersionCommand: Verb {
    static let configuration = CommandConfiguration(
        commandName: "version", abstract: "Prints the version.", discussion: Exit.common)

    @Option(name: [.customShort("o"), .long], help: "text, json or yaml.") var output = ReportFormat.text
    @OptionGroup var global: GlobalArguments

    func perform(_ context: Context) async throws -> Exit {
        let tree: Tree = [
            "version": .string(context.console.version), "apiVersion": .string("\(Kind.group)/\(Kind.version)"),
        ]
        switch output {
        case .json: context.output.write(.json(tree))
        case .yaml: context.output.write(.yaml(tree))
        case .text, .markdown:
            context.output.line("reconcile \(context.console.version) (API \(Kind.group)/\(Kind.version))")
        }
        return .done
    }
}

struct CompletionCommand: Verb {
    static let configuration = CommandConfiguration(
        commandName: "completion", abstract: "Prints the completion script of a shell.",
        discussion: """
            bash: source <(reconcile completion bash)
            zsh:  reconcile completion zsh > "${fpath[1]}/_reconcile"
            fish: reconcile completion fish > ~/.config/fish/completions/reconcile.fish

            Kinds, names, namespaces and conditions are asked of the state while the cursor waits.

            \(Exit.common)
            """)

    enum Shell: String, CaseIterable, ExpressibleByArgument { case bash, zsh, fish }

    @Argument(help: "bash, zsh or fish.") var shell: Shell
    @OptionGroup var global: GlobalArguments

    func perform(_ context: Context) async throws -> Exit {
        let script =
            switch shell {
            case .bash: CompletionScript.bash
            case .zsh: CompletionScript.zsh
            case .fish: CompletionScript.fish
            }
        context.output.write(.script(script))
        return .done
    }
}

struct ConfigCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "config", abstract: "Shows where the state is and what was taken from where.",
        discussion: Exit.common,
        subcommands: [ConfigView.self, ConfigPath.self])
}

struct ConfigView: Verb {
    static let configuration = CommandConfiguration(
        commandName: "view", abstract: "Prints the settings and where each comes from.", discussion: Exit.common)
    @OptionGroup var global: GlobalArguments

    func perform(_ context: Context) async throws -> Exit {
        let rows = context.runtime.settings(context.global).map { setting -> [TextTable.Cell] in
            [TextTable.Cell(setting.name), .optional(setting.value), TextTable.Cell(setting.source)]
        }
        context.output.write(TextTable(["Setting", "Value", "From"], rows).text(context.paint))
        return .done
    }
}

struct ConfigPath: Verb {
    static let configuration = CommandConfiguration(
        commandName: "path", abstract: "Prints the directory of the state.", discussion: Exit.common)
    @OptionGroup var global: GlobalArguments

    func perform(_ context: Context) async throws -> Exit {
        guard let path = context.runtime.settings(context.global).first(where: { $0.name == Setting.state })?.value
        else {
            throw CommandError(.failed, "the state is in a cluster, not in a directory")
        }
        context.output.line("\(path)")
        return .done
    }
}
