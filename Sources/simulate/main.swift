import Glibc
import SimulatedWorld

let arguments: Arguments
do throws(Arguments.Problem) {
    arguments = try Arguments(Array(CommandLine.arguments.dropFirst()))
} catch {
    let text = Array("simulate: \(error.message)\n\(Arguments.usage)\n".utf8)
    _ = write(STDERR_FILENO, text, text.count)
    exit(1)
}
if arguments.wantsHelp {
    print(Arguments.usage)
    exit(0)
}
exit(await Session(arguments).run() ? 0 : 1)
