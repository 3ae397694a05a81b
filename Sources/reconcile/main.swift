import Commands
import Host
import Kernel

// A guard is single-threaded and small: it runs before anything else of this program exists.
if CommandLine.arguments.dropFirst().first == "guard" { SystemExit.now(GuardMain.run()) }
if CommandLine.arguments.dropFirst().first == "worker" {
    SystemExit.now(await WorkerProgram.run(Array(CommandLine.arguments.dropFirst(2))))
}

do {
    let runtime = LocalRuntime(signals: try Interruption(watcher: try Watcher()))
    let console = Console.process(environment: Environment.values, clock: SystemClock(), version: Release.version)
    SystemExit.now(await Program(runtime: runtime, console: console).run(Array(CommandLine.arguments.dropFirst())))
} catch {
    var output = StandardError()
    print("reconcile: \(error)", to: &output)
    SystemExit.now(1)
}
