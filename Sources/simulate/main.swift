import Glibc
import SimulatedWorld

let arguments: Arguments
do throws(Arguments.Problem) {
    arguments = try Arguments(Array(CommandLine.arguments.dropFirst()))
} catch {
    fputs("simulate: \(error.message)\n\(Arguments.usage)\n", stderr)
    exit(1)
}
if arguments.wantsHelp {
    print(Arguments.usage)
    exit(0)
}
exit(Session(arguments).run() ? 0 : 1)
