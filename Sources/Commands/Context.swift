import ArgumentParser
import Client
import Model
import Text
import Tree

/// What a verb runs in: the program, the terminal, and how to colour it.
struct Context: Sendable {
    let runtime: any Runtime
    let console: Console
    let global: GlobalOptions
    /// For standard output and for standard error.
    let paint: Paint
    let errorPaint: Paint

    init(runtime: any Runtime, console: Console, _ arguments: GlobalArguments) {
        self.runtime = runtime
        self.console = console
        global = arguments.options
        func paint(_ sink: any TextSink) -> Paint {
            Paint(arguments.color, environment: console.environment, isTerminal: sink.isTerminal)
        }
        self.paint = paint(console.output)
        errorPaint = paint(console.errors)
    }

    var output: any TextSink { console.output }

    /// Columns that what is shown has to fit in; nil where a program may read it, and nothing is left out.
    var width: Int? { output.isTerminal ? max(20, output.width) : nil }

    func objects() async throws -> ObjectClient { ObjectClient(try await runtime.client(global)) }

    /// The one given, else what the state says.
    func namespace(_ arguments: NamespaceArguments) -> String { arguments.namespace ?? runtime.namespace(global) }

    func warn(_ text: TerminalText) { console.errors.line("\(errorPaint(.yellow, "Warning:")) \(text)") }

    /// A sentence beside the data.
    func note(_ text: TerminalText) { console.errors.line(text) }

    /// What to run next.
    func hint(_ text: TerminalText) { console.errors.line(errorPaint(.dim, text)) }

    /// What to run next where a controller makes so what was stored; that none runs, and what starts one, elsewhere.
    func next(_ hint: TerminalText? = nil) async throws {
        switch try await runtime.controller(global) {
        case .runs: if let hint { self.hint("Next: \(hint)") }
        case .isMissing(let since, let start):
            warn("\(missing(since)): it is stored, and nothing happens until one runs")
            self.hint("Next: \(start)")
        }
    }

    /// What is waited for may have come about already; if not, it won't by itself.
    func warnOfWaiting() async throws {
        guard case .isMissing(let since, let start) = try await runtime.controller(global) else { return }
        warn("\(missing(since)): nothing changes until one runs")
        hint("Next: \(start)")
    }

    /// Says of objects that are under way that nobody moves them, where nobody does.
    func warnOfStandstill(_ objects: [Tree]) async throws {
        guard objects.contains(where: \.isUnderWay) else { return }
        guard case .isMissing(let since, let start) = try await runtime.controller(global) else { return }
        warn("\(missing(since)): this is how things stood then")
        hint("Next: \(start)")
    }

    private func missing(_ since: Timestamp?) -> String {
        guard let since else { return "no controller runs on this state, and none ever did" }
        return "no controller runs on this state, since \(since.wholeSeconds) (\(CellText.age(since, console.now)) ago)"
    }
}

extension Tree {
    /// What of a status `isUnderWay` looks at.
    static let partsUnderWay = ["phase", "gone", "replicas", "workers", "state"]

    /// Of an object of ours: whether it says of itself that something goes on, which only a controller can know.
    fileprivate var isUnderWay: Bool {
        let status = self["status"] ?? .emptyObject
        switch self["kind"]?.string.flatMap(Kind.init(rawValue:)) {
        case .executionPlan: return !(PlanPhase(rawValue: status["phase"]?.string ?? "")?.isTerminal ?? false)
        case .task: return !(TaskPhase(rawValue: status["phase"]?.string ?? "")?.isTerminal ?? false)
        case .worker: return status["gone"]?.bool != true
        case .workerPool: return status["replicas"]?.int ?? 0 > 0
        case .region: return status["workers"]?.int ?? 0 > 0
        case .syncPoint: return status["state"]?.string ?? "Waiting" == SyncPointState.waiting.rawValue
        default: return false
        }
    }
}

/// A command of the command line. Data goes to standard output, everything else to standard error.
protocol Verb: ParsableCommand {
    /// Whether its standard output is what it is run for.
    static var writesData: Bool { get }
    var global: GlobalArguments { get }
    func perform(_ context: Context) async throws -> Exit
}

extension Verb {
    static var writesData: Bool { true }
}
