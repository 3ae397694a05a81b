import APIServer
import ArgumentParser
import Client
import Model
import Text
import Tree

/// What could stand where the cursor is: asked by the scripts that `completion` prints, one candidate a line.
struct CompleteCommand: Verb {
    static let configuration = CommandConfiguration(
        commandName: "complete", abstract: "Lists what the last of some words may become.", shouldDisplay: false)

    @Argument(parsing: .captureForPassthrough) var words: [String] = []
    @OptionGroup var global: GlobalArguments

    func perform(_ context: Context) async throws -> Exit {
        let words = self.words.first == "--" ? Array(self.words.dropFirst()) : self.words
        let completion = Completion(words, context)
        for candidate in await completion.candidates() { context.output.line("\(candidate)") }
        return .done
    }
}

/// The candidates for the last word. What can't be asked now has none: nobody reads errors there.
struct Completion {
    private let context: Context
    private let before: [String]
    private let current: String
    private let table = CommandTable()

    /// More names than these are not listed.
    private static let most = 500

    init(_ words: [String], _ context: Context) {
        self.context = context
        before = Array(words.dropLast())
        current = words.last ?? ""
    }

    func candidates() async -> [String] {
        await all().filter { $0.hasPrefix(current) && $0 != "" }
    }

    private func all() async -> [String] {
        let index = before.firstIndex { table.verb($0) != nil }
        guard let index, let verb = table.verb(before[index]) else {
            if before.contains("--once") { return current.hasPrefix("-") ? options(of: table.verb("once")) : [] }
            return current.hasPrefix("-")
                ? ["--once", "--help", "--version"] : table.root.entries.filter(\.isShown).map(\.name)
        }
        if let option = before.last.flatMap({ name in verb.options.first { $0.takesValue && $0.names.contains(name) } })
        {
            return await values(of: option)
        }
        if let equals = current.firstIndex(of: "="), current.hasPrefix("-"),
            let option = verb.options.first(where: { $0.names.contains(String(current[..<equals])) })
        {
            let name = current[...equals]
            return await values(of: option).map { name + $0 }
        }
        if current.hasPrefix("-") { return options(of: verb) }
        return await arguments(verb, positionals(after: index, verb))
    }

    private func options(of verb: CommandTable.Entry?) -> [String] {
        (verb?.options ?? []).flatMap(\.names).filter { $0.hasPrefix("--") }.sorted()
    }

    private func positionals(after index: Int, _ verb: CommandTable.Entry) -> [String] {
        var found: [String] = []
        var isValue = false
        for word in before[(index + 1)...] {
            if isValue {
                isValue = false
            } else if word.hasPrefix("-") {
                isValue = verb.options.contains { $0.takesValue && $0.names.contains(word) }
            } else {
                found.append(word)
            }
        }
        return found
    }

    // MARK: Values

    private func values(of option: CommandTable.Option) async -> [String] {
        if option.names.contains("--namespace") { return await names(.namespace) }
        if option.names.contains("--for") {
            return ["delete", "create"] + ConditionType.allCases.map { "condition=\($0.rawValue)" }
        }
        if option.names.contains("--output") {
            return ["table", "wide", "json", "yaml", "name", "jsonpath=", "custom-columns="]
        }
        if option.names.contains("--types") { return ["Normal", "Warning"] }
        return option.values
    }

    private func arguments(_ verb: CommandTable.Entry, _ given: [String]) async -> [String] {
        switch verb.name {
        case "get", "describe", "delete", "wait", "events": return await objects(given)
        case "logs": return await prefixed(.task) + prefixed(.executionPlan)
        case "tree", "report", "cancel": return await prefixed(.executionPlan)
        case "suspend", "resume": return await prefixed(.executionPlan) + prefixed(.workerPool)
        case "scale": return await prefixed(.workerPool)
        case "arrive": return await prefixed(.syncPoint)
        case "maintenance": return await prefixed(.worker)
        case "top": return ["pools", "workers"]
        case "completion": return ["bash", "zsh", "fish"]
        case "config": return verb.entries.map(\.name)
        default: return []
        }
    }

    private func objects(_ given: [String]) async -> [String] {
        if let slash = current.firstIndex(of: "/") {
            let word = current[..<slash]
            guard let kind = Kind(word: String(word)) else { return [] }
            return await names(kind).map { "\(word)/\($0)" }
        }
        if let first = given.first, let kind = Kind(word: first) { return await names(kind) }
        guard given.isEmpty else { return [] }
        return Kind.allCases.flatMap { [$0.plural] + $0.shortNames } + [ObjectNames.category]
    }

    private func prefixed(_ kind: Kind) async -> [String] {
        let word = current.contains("/") ? String(current.prefix { $0 != "/" }) : kind.shortNames[0]
        guard Kind(word: word) == kind else { return [] }
        return await names(kind).map { "\(word)/\($0)" }
    }

    // MARK: Names

    private func names(_ kind: Kind) async -> [String] {
        let path = APIPath.collection(kind, namespace: kind.namespaced ? namespace : nil)
        do {
            let client = try await context.runtime.client(context.global)
            let answer = try await client.send(APIRequest(.get, path, query: ["limit": String(Self.most)]))
            return (answer.tree["items"]?.array ?? []).compactMap { $0["metadata"]?["name"]?.string }
        } catch { return [] }
    }

    private var namespace: String {
        for (index, word) in before.enumerated() {
            if ["-n", "--namespace"].contains(word), index + 1 < before.count { return before[index + 1] }
            if word.hasPrefix("--namespace=") { return String(word.dropFirst(12)) }
        }
        return context.runtime.namespace(context.global)
    }
}
