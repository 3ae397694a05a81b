import ArgumentParser
import Client
import Model
import Text
import Tree

struct SuspendCommand: Verb {
    static let configuration = CommandConfiguration(
        commandName: "suspend", abstract: "Lets plans start nothing new; what runs goes on.", discussion: Exit.common)

    @Argument(help: ArgumentHelp("Plans: xplan/NAME, or pools: wpool/NAME.", valueName: "what")) var words: [String]
    @OptionGroup var space: NamespaceArguments
    @OptionGroup var global: GlobalArguments

    func perform(_ context: Context) async throws -> Exit {
        try await PlanSwitch(
            member: "suspend", value: true, kinds: [.executionPlan, .workerPool], verb: "suspend", word: "suspended"
        )
        .set(words, context.namespace(space), context)
    }
}

struct ResumeCommand: Verb {
    static let configuration = CommandConfiguration(
        commandName: "resume", abstract: "Lets suspended plans go on.", discussion: Exit.common)

    @Argument(help: ArgumentHelp("Plans: xplan/NAME, or pools: wpool/NAME.", valueName: "what")) var words: [String]
    @OptionGroup var space: NamespaceArguments
    @OptionGroup var global: GlobalArguments

    func perform(_ context: Context) async throws -> Exit {
        try await PlanSwitch(
            member: "suspend", value: false, kinds: [.executionPlan, .workerPool], verb: "resume", word: "resumed"
        )
        .set(words, context.namespace(space), context)
    }
}

struct CancelCommand: Verb {
    static let configuration = CommandConfiguration(
        commandName: "cancel", abstract: "Ends plans: running tasks are stopped, waiting ones never start.",
        discussion: "It can't be undone; delete the plan and apply it again to run it once more.\n\n\(Exit.common)")

    @Argument(help: ArgumentHelp("Plans: xplan/NAME.", valueName: "plan")) var words: [String]
    @OptionGroup var space: NamespaceArguments
    @OptionGroup var global: GlobalArguments

    func perform(_ context: Context) async throws -> Exit {
        try await PlanSwitch(member: "cancel", value: true, kinds: [.executionPlan], verb: "cancel", word: "cancelled")
            .set(words, context.namespace(space), context)
    }
}

struct MaintenanceCommand: Verb {
    static let configuration = CommandConfiguration(
        commandName: "maintenance",
        abstract: "Takes workers out of service, drained by their deadline, or back into it.",
        discussion: Exit.common)

    @Argument(help: ArgumentHelp("Workers: wkr/NAME.", valueName: "worker")) var words: [String]
    @Flag(help: "Back into service.") var off = false
    @OptionGroup var space: NamespaceArguments
    @OptionGroup var global: GlobalArguments

    func perform(_ context: Context) async throws -> Exit {
        try await PlanSwitch(
            member: "maintenance", value: !off, kinds: [.worker], verb: "maintain",
            word: off ? "back in service" : "in maintenance"
        ).set(words, context.namespace(space), context)
    }
}

/// One member of spec that is true or false.
private struct PlanSwitch {
    let member: String
    let value: Bool
    let kinds: [Kind]
    let verb: String
    let word: String

    func set(_ words: [String], _ namespace: String, _ context: Context) async throws -> Exit {
        let objects = try await context.objects()
        var isChanged = false
        for name in words {
            let key = try ObjectNames.one([name], namespace: namespace, default: kinds[0])
            guard kinds.contains(key.kind) else {
                let names = kinds.map { "\($0.shortNames[0])/NAME" }.joined(separator: " or ")
                throw CommandError(.failed, "a \(key.kind.rawValue) has no `\(member)`", next: "Name \(names).")
            }
            let object = try await Finder(objects: objects).find(key)
            if let end = Self.end(of: object, key.kind) {
                context.output.line("\(key.resourceName) has ended (\(end)): nothing to \(verb)")
                continue
            }
            if object["spec"]?[member]?.bool ?? false == value {
                context.output.line("\(key.resourceName) already \(word)")
                continue
            }
            _ = try await objects.mergePatch(key, ["spec": Tree(dictionaryLiteral: (member, .bool(value)))])
            context.output.line("\(key.resourceName) \(word)")
            isChanged = true
        }
        if isChanged { try await context.next() }
        return .done
    }

    /// What an object came to that stays as it ended; nil for others.
    private static func end(of object: Tree, _ kind: Kind) -> String? {
        guard kind == .executionPlan, let word = object["status"]?["phase"]?.string,
            PlanPhase(rawValue: word)?.isTerminal ?? false
        else { return nil }
        return word
    }
}
