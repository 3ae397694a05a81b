import ArgumentParser
import Model

/// The options of every command.
struct GlobalArguments: ParsableArguments {
    @Option(help: ArgumentHelp("Directory of the state on this machine.", valueName: "dir"))
    var state: String?

    @Option(help: ArgumentHelp("Kubeconfig of the cluster that holds the state.", valueName: "file"))
    var kubeconfig: String?

    @Option(help: ArgumentHelp("Context of the kubeconfig; makes the cluster the state.", valueName: "name"))
    var context: String?

    @Option(help: "Colour: auto, always or never; auto heeds NO_COLOR and FORCE_COLOR.")
    var color: Paint.Choice = .auto

    var options: GlobalOptions { GlobalOptions(state: state, kubeconfig: kubeconfig, context: context) }
}

extension Paint.Choice: ExpressibleByArgument {}

/// Where namespaced objects are looked for.
struct NamespaceArguments: ParsableArguments {
    @Option(
        name: [.customShort("n"), .long],
        help: ArgumentHelp("Namespace of the objects (default: default).", valueName: "name"))
    var namespace: String?
}

/// A span such as 90s, 5m or 1h30m.
struct Span: ExpressibleByArgument, Sendable, Hashable {
    let duration: Duration
    let text: String

    init(_ duration: Duration) {
        self.duration = duration
        text = duration.text
    }

    init?(argument: String) {
        guard let duration = Duration(text: argument) else { return nil }
        self.duration = duration
        text = argument
    }

    var defaultValueDescription: String { text }
}

/// How objects are printed.
enum OutputFormat: String, CaseIterable, ExpressibleByArgument, Sendable { case table, wide, json, yaml, name }

/// How a report is printed.
enum ReportFormat: String, CaseIterable, ExpressibleByArgument, Sendable { case text, json, yaml, markdown }
