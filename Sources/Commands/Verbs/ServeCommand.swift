import ArgumentParser
import Model
import Text

struct ServeCommand: WholeVerb {
    /// All it says goes to standard error: nobody has to read its output.
    static var writesData: Bool { false }

    static let configuration = CommandConfiguration(
        commandName: "serve",
        abstract: "Runs the controllers, and the API that the other commands and kubectl talk to.",
        discussion: """
            Runs until interrupted; work goes on meanwhile and is found again at the next start.

            \(Exit.common)
              130, 143  interrupted, terminated
            """)

    @Option(
        help: ArgumentHelp(
            "Where the Kubernetes-compatible API listens; default 127.0.0.1 with the state's former port, or a free one.",
            valueName: "host:port"))
    var bindAddress: String?
    @Option(help: ArgumentHelp("Where /healthz and /readyz listen.", valueName: "host:port"))
    var healthProbeBindAddress: String?
    @Option(help: ArgumentHelp("Where /metrics listens.", valueName: "host:port")) var metricsBindAddress: String?
    @Flag(help: ArgumentHelp("Refused: one process leads a state on this machine.", visibility: .hidden))
    var leaderElect = false
    @Flag(help: "Workers are processes of this machine, whatever their region says.") var local = false
    @Option(help: ArgumentHelp("Marks what is ours in clouds; default from the state.", valueName: "id")) var clusterID:
        String?
    @Option(
        help: ArgumentHelp(
            "How often a provider that tells of no changes by itself is asked what it has.", valueName: "span"))
    var sweepInterval = Span(.seconds(60))
    @Option(help: "Log as text or json; default text on a terminal.") var logFormat: LogFormat?
    @Flag(name: .shortAndLong, help: "Log more; repeat for more.") var verbose: Int
    @Flag(help: "Go on in the background, once ready.") var detach = false
    @Flag(help: "Stop the controller that runs on the state; its workers run on.") var stop = false
    @Option(
        help: ArgumentHelp(
            "What the objects of one namespace may take, unless its Namespace sets it: bytes=256Mi, objects=100000, tasks=50000; may be repeated.",
            valueName: "resource=limit"))
    var namespaceQuota: [String] = []
    @OptionGroup var egress: EgressArguments
    @OptionGroup var global: GlobalArguments

    enum LogFormat: String, CaseIterable, ExpressibleByArgument { case text, json }

    func perform(whole context: Context) async throws -> Int32 {
        if stop {
            guard let process = try await context.runtime.stop(context.global) else {
                context.note("no controller runs on this state")
                return Exit.done.rawValue
            }
            context.note("stopped the controller (process \(process))")
            return Exit.done.rawValue
        }
        guard !leaderElect else {
            throw CommandError(
                .failed,
                "--leader-elect: a state on this machine is led by whoever holds its lock: there is nothing to elect",
                next: "Leave it out.")
        }
        var options = ServeOptions()
        options.global = context.global
        options.bindAddress = bindAddress
        options.healthProbeBindAddress = healthProbeBindAddress
        options.metricsBindAddress = metricsBindAddress
        options.local = local
        options.clusterID = clusterID
        options.sweepInterval = sweepInterval.duration
        options.detach = detach
        options.jsonLogs = logFormat.map { $0 == .json }
        options.verbosity = verbose
        options.egress = egress.options
        options.quota = try NamespaceQuota(arguments: namespaceQuota)
        return try await context.runtime.serve(options) { served in
            let isAnother = served.isAnother ? " (it ran already)" : ""
            context.note("ready: state in \(served.state), process \(served.processID)\(isAnother)")
            if let address = served.address { context.note("API: \(address)") }
            if let kubeconfig = served.kubeconfig { context.hint("kubectl: export KUBECONFIG=\(kubeconfig)") }
            context.hint("Next: reconcile apply -f <path>")
        }
    }
}

extension ServeOptions {
    /// As a command line, without the state and without `--detach`: what another process is started with.
    package var arguments: [String] {
        let plain = ServeOptions()
        var words: [String] = []
        func add(_ name: String, _ value: String?) { if let value { words += [name, value] } }
        add("--bind-address", bindAddress)
        add("--health-probe-bind-address", healthProbeBindAddress)
        add("--metrics-bind-address", metricsBindAddress)
        if local { words.append("--local") }
        add("--cluster-id", clusterID)
        if sweepInterval != plain.sweepInterval { add("--sweep-interval", sweepInterval.text) }
        if egress.allowsLocal { words.append("--allow-local-endpoints") }
        for network in egress.networks { add("--endpoint-networks", network) }
        for resource in NamespaceQuota.Resource.allCases where quota[resource] != plain.quota[resource] {
            add("--namespace-quota", "\(resource.rawValue)=\(quota[resource])")
        }
        if egress.assumesExternals { words.append("--assume-externals") }
        add("--log-format", jsonLogs.map { $0 ? "json" : "text" })
        words += Array(repeating: "--verbose", count: verbosity)
        return words
    }
}
