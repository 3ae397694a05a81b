import ArgumentParser
import Client
import Text
import Tree

/// The program: arguments in, exit code out, nothing but the console and the runtime touched.
package struct Program {
    private let runtime: any Runtime
    private let console: Console

    package init(runtime: any Runtime, console: Console) {
        self.runtime = runtime
        self.console = console
    }

    /// `arguments` without the program's name. Never throws and never exits: the caller does with the code.
    package func run(_ arguments: [String]) async -> Int32 {
        if let first = arguments.first, let verb = HiddenVerb(rawValue: first), !Self.asksHelp(arguments) {
            return await runtime.hidden(verb, arguments: Array(arguments.dropFirst()))
        }
        let words = Self.plainFlags(Self.verbFirst(arguments))
        let code = await run(words: words)
        // Where 1 says that there are differences, it can't say that something went wrong.
        return code.isError && code.value == Exit.failed.rawValue && words.first == DiffCommand.name
            ? DiffCommand.errorCode : code.value
    }

    private func run(words: [String]) async -> (value: Int32, isError: Bool) {
        if let error = Self.unknownVerb(words) { return (end(error), true) }
        do {
            var command = try ReconcileCommand.parseAsRoot(words)
            if (command as? ReconcileCommand)?.version == true {
                command = try ReconcileCommand.parseAsRoot(["version"])
            }
            if let verb = command as? any Verb { return (try await perform(verb), false) }
            // Help, and verbs that only group others: both end by throwing what to print.
            try command.run()
            return (Exit.done.rawValue, false)
        } catch let error as CommandError {
            return (end(error), true)
        } catch {
            return (endParsing(error), true)
        }
    }

    private func perform(_ verb: any Verb) async throws -> Int32 {
        let context = Context(runtime: runtime, console: console, verb.global)
        if type(of: verb).writesData { runtime.watchOutput() }
        do {
            let code: Int32
            if let whole = verb as? any WholeVerb {
                code = try await whole.perform(whole: context)
            } else {
                code = try await verb.perform(context).rawValue
            }
            if let failure = console.output.failure {
                throw CommandError(.failed, "standard output can't be written: \(failure)")
            }
            return code
        } catch  where Task.isCancelled {
            // Whoever ended it knows; what a cut-off request says of itself would only mislead.
            return Exit.failed.rawValue
        } catch let error as ManifestError {
            throw error.error
        } catch let error as ClientError {
            throw CommandError(error)
        } catch let error as CommandError {
            throw error
        } catch {
            throw CommandError(.failed, "\(error)")
        }
    }

    // MARK: Ends

    private func end(_ error: CommandError) -> Int32 {
        let paint = Paint(.auto, environment: console.environment, isTerminal: console.errors.isTerminal)
        console.errors.line("\(paint(.red, "error:")) \(error.message)")
        if let next = error.next { console.errors.line(next) }
        return error.exit.rawValue
    }

    /// Help that was asked for is data; a usage error is chatter, and 1 whatever the parser thinks.
    private func endParsing(_ error: any Error) -> Int32 {
        let message = ReconcileCommand.fullMessage(for: error, columns: helpWidth)
        // Not by the parser's exit code: for that it would write the help anew, by the width of whatever terminal.
        guard message.hasPrefix("Error: ") else {
            console.output.write(.script(wrapped(message) + "\n"))
            return Exit.done.rawValue
        }
        // The parser quotes what was typed.
        let lines = firstUsage(message).replacingPrefix("Error: ", with: "error: ").split(
            separator: "\n", omittingEmptySubsequences: false)
        console.errors.write(lines.map { "\($0)" }.lines())
        return Exit.failed.rawValue
    }

    /// Of help: the terminal's, where it has fewer than a hundred columns.
    private var helpWidth: Int { console.output.isTerminal ? max(40, min(100, console.output.width)) : 100 }

    /// An error with where to read on, but without the usage that goes on for lines.
    private func firstUsage(_ message: String) -> String {
        var lines = message.split(separator: "\n", omittingEmptySubsequences: false)
        lines.removeAll { $0.hasPrefix("Usage: ") && $0.count > helpWidth }
        return lines.joined(separator: "\n")
    }

    /// The parser wraps all but the usage, which may have several lines.
    private func wrapped(_ help: String) -> String {
        var isUsage = false
        return help.split(separator: "\n", omittingEmptySubsequences: false).flatMap { line -> [String] in
            isUsage = line.hasPrefix("USAGE: ") || isUsage && !line.isEmpty
            guard isUsage, line.count > helpWidth else { return [String(line)] }
            let lines = String(line.dropFirst(7)).wrapped(to: helpWidth - 10)
            return lines.enumerated().map { ($0.offset == 0 ? line.prefix(7) : "          ") + $0.element }
        }.joined(separator: "\n")
    }

    // MARK: Words

    private static func asksHelp(_ arguments: [String]) -> Bool {
        arguments.contains("--help") || arguments.contains("-h")
    }

    static var verbs: [String] {
        ReconcileCommand.configuration.subcommands.filter { $0.configuration.shouldDisplay }
            .compactMap { $0.configuration.commandName }
    }

    /// `--once` is a verb written as an option; options before a verb are moved behind it.
    static func verbFirst(_ arguments: [String]) -> [String] {
        guard let first = arguments.first, first.hasPrefix("-") else { return arguments }
        if let once = arguments.firstIndex(of: "--once") {
            var rest = arguments
            rest.remove(at: once)
            return ["once"] + rest
        }
        guard let verb = arguments.firstIndex(where: { verbs.contains($0) }) else { return arguments }
        return [arguments[verb]] + arguments[..<verb] + arguments[(verb + 1)...]
    }

    /// Flags as kubectl's users write them, with a value: `--wait=false` is `--no-wait` and `--watch=true` is
    /// `--watch`.
    package static func plainFlags(_ arguments: [String]) -> [String] {
        arguments.flatMap { word -> [String] in
            let parts = word.split(separator: "=", maxSplits: 1)
            guard parts.count == 2, parts[0].hasPrefix("--"), flags.contains(String(parts[0].dropFirst(2))) else {
                return [word]
            }
            switch parts[1] {
            case "true": return [String(parts[0])]
            case "false": return parts[0] == "--wait" ? ["--no-wait"] : []
            default: return [word]
            }
        }
    }

    private static let flags: Set<String> = [
        "all-namespaces", "detailed-exitcode", "follow", "force-conflicts", "ignore-not-found", "recursive",
        "show-labels", "show-managed-fields", "wait", "watch",
    ]

    private static func unknownVerb(_ words: [String]) -> CommandError? {
        guard let first = words.first else { return nil }
        if first.hasPrefix("-") {
            guard !["-h", "--help", "--version", "--help-hidden", "--experimental-dump-help"].contains(first),
                !first.hasPrefix("---")
            else { return nil }
            return CommandError(
                .failed, "no verb given", next: "Name a verb, or add --once; `reconcile --help` lists them.")
        }
        let known = ReconcileCommand.configuration.subcommands.compactMap { $0.configuration.commandName } + ["help"]
        guard !known.contains(first) else { return nil }
        let meant = NearestName.suggest(first, among: verbs).map { "Did you mean `reconcile \($0)`?" as TerminalText }
        return CommandError(
            .failed, "unknown command \"\(first)\"", next: meant ?? "`reconcile --help` lists the commands.")
    }
}

/// A verb whose exit code is more than one of ours: the runtime's, after a signal.
protocol WholeVerb: Verb {
    func perform(whole context: Context) async throws -> Int32
}

extension WholeVerb {
    func perform(_ context: Context) async throws -> Exit {
        Exit(rawValue: try await perform(whole: context)) ?? .failed
    }
}

extension CommandError {
    /// What the server said, with what to do about the common cases.
    init(_ error: ClientError, exit: Exit = .failed) {
        var lines: [TerminalText] = ["\(error.message)"]
        var next: TerminalText?
        switch error.reason {
        case "Invalid":
            // The causes are in the message too, on one line: shown apart they can be read.
            let causes = error.body?["details"]?["causes"]?.array ?? []
            if causes.count > 1 {
                lines = ["the server refused the object: \(causes.count) errors"]
                lines += causes.map { "  \($0["field"]?.string ?? ""): \($0["message"]?.string ?? "")" }
            }
        case "Conflict":
            if (error.body?["details"]?["causes"]?.array ?? []).contains(where: {
                $0["reason"] == "FieldManagerConflict"
            }) {
                next = "Take those fields out of the manifest, or take them over with --force-conflicts."
            }
        default: break
        }
        self.init(exit, lines.joined(separator: "\n"), next: next)
    }
}

extension String {
    fileprivate func replacingPrefix(_ prefix: String, with other: String) -> String {
        hasPrefix(prefix) ? other + dropFirst(prefix.count) : self
    }
}
