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
enum OutputFormat: ExpressibleByArgument, Sendable, Hashable {
    case table, wide, json, yaml, name
    /// The template, and the columns, as they were written.
    case jsonpath(String)
    case customColumns(String)

    init?(argument: String) {
        let parts = argument.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        switch parts[0] {
        case "table": self = .table
        case "wide": self = .wide
        case "json": self = .json
        case "yaml": self = .yaml
        case "name": self = .name
        case "jsonpath": self = .jsonpath(parts.count > 1 ? parts[1] : "")
        case "custom-columns": self = .customColumns(parts.count > 1 ? parts[1] : "")
        default: return nil
        }
        guard parts.count == 1 || ["jsonpath", "custom-columns"].contains(parts[0]) else { return nil }
    }

    var defaultValueDescription: String { self == .table ? "table" : "" }
    static let help = "table, wide, json, yaml, name, jsonpath=TEMPLATE or custom-columns=HEADER:.path,…"
}

/// How a report is printed.
enum ReportFormat: String, CaseIterable, ExpressibleByArgument, Sendable { case text, json, yaml, markdown }
