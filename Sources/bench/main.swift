import Glibc

do {
    exit(try await Session(Arguments(Array(CommandLine.arguments.dropFirst()))).run() ? 0 : 1)
} catch let problem as Arguments.Problem {
    print(problem.text)
    exit(problem.isHelp ? 0 : 2)
} catch {
    print("bench: \(error)")
    exit(1)
}
