import ArgumentParser
import Text

struct ValidateCommand: Verb {
    static let configuration = CommandConfiguration(
        commandName: "validate", abstract: "Checks manifests without a state, a cluster or credentials.",
        discussion: Exit.manifests)

    @OptionGroup var manifests: ManifestArguments
    @OptionGroup var space: NamespaceArguments
    @OptionGroup var global: GlobalArguments

    func perform(_ context: Context) async throws -> Exit {
        let loaded = try ManifestLoader.load(manifests, space, context)
        for warning in loaded.allWarnings { context.warn("\(warning)") }
        context.output.line("\(loaded.items.count) \(loaded.items.count == 1 ? "object" : "objects") valid")
        return .done
    }
}
