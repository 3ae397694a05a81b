import ArgumentParser
import Client

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

    func objects() async throws -> ObjectClient { ObjectClient(try await runtime.client(global)) }

    /// The one given, else what the state says.
    func namespace(_ arguments: NamespaceArguments) -> String { arguments.namespace ?? runtime.namespace(global) }

    func warn(_ text: String) { console.errors.line("\(errorPaint(.yellow, "Warning:")) \(text)") }

    /// A sentence beside the data.
    func note(_ text: String) { console.errors.line(text) }

    /// What to run next.
    func hint(_ text: String) { console.errors.line(errorPaint(.dim, text)) }
}

/// A command of the command line. Data goes to standard output, everything else to standard error.
protocol Verb: ParsableCommand {
    var global: GlobalArguments { get }
    func perform(_ context: Context) async throws -> Exit
}
