import Commands
import Host
import Kernel
import Text

// A guard is single-threaded and small: it runs before anything else of this program exists.
if CommandLine.arguments.dropFirst().first == "guard" { SystemExit.now(GuardMain.run()) }
if CommandLine.arguments.dropFirst().first == "worker", !WorkerProgram.asksHelp(CommandLine.arguments) {
    SystemExit.now(await WorkerProgram.run(Array(CommandLine.arguments.dropFirst(2))))
}

do {
    let signals = try Interruption()
    let console = Console.process(environment: Environment.values, clock: SystemClock(), version: Release.version)
    let program = Program(runtime: LocalRuntime(signals: signals), console: console)
    let arguments = Array(CommandLine.arguments.dropFirst())
    let code = try await signals.run(.prompt) { await program.run(arguments) }
    SystemExit.now(signals.exitCode ?? code ?? 1)
} catch {
    StandardError.line("reconcile: \(error)")
    SystemExit.now(1)
}
