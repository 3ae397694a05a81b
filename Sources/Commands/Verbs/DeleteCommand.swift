import ArgumentParser
import Client
import Model
import Text
import Tree

struct DeleteCommand: Verb {
    static let configuration = CommandConfiguration(
        commandName: "delete", abstract: "Deletes objects, and waits until what they made is gone.",
        discussion: """
            Objects go in the reverse order of apply. What exists outside because of them is ended first: their \
            finalizers keep them until it is gone.

            \(Exit.manifests)
              3  not gone within --timeout; the deletion goes on
            """)

    @Argument(help: ArgumentHelp("KIND/NAME, or a kind and names.", valueName: "what")) var words: [String] = []
    @OptionGroup var manifests: ManifestArguments
    @OptionGroup var space: NamespaceArguments
    @Flag(inversion: .prefixedNo, help: "Wait until they are gone.") var wait = true
    @Option(help: ArgumentHelp("How long to wait; 0 waits for ever.", valueName: "span")) var timeout = Span(
        .minutes(5))
    @Flag(help: "Objects that are not there are no error.") var ignoreNotFound = false
    @Flag(help: "Say what would be deleted.") var dryRun = false
    @OptionGroup var global: GlobalArguments

    func perform(_ context: Context) async throws -> Exit {
        var keys: [ObjectKey] = []
        if words.isEmpty {
            keys = try ManifestLoader.load(manifests, space, context).items.map(
                \.key)
        } else {
            guard manifests.filename.isEmpty else { throw CommandError(.failed, "name objects or give -f, not both") }
            keys = try ObjectNames(words, namespace: context.namespace(space)).keys
            guard !keys.isEmpty else {
                throw CommandError(.failed, "name the objects to delete", next: "For example xplan/hello.")
            }
        }
        let objects = try await context.objects()
        var gone: [ObjectKey] = []
        for key in keys.sorted().reversed() {
            guard try await objects.delete(key, dryRun: dryRun) else {
                // What manifests name may be gone already.
                if ignoreNotFound || words.isEmpty { continue }
                throw try await Finder(objects: objects).notFound(key)
            }
            gone.append(key)
            context.output.line("\(key.resourceName) deleted\(dryRun ? " (server dry run)" : "")")
        }
        guard !dryRun, !gone.isEmpty else { return .done }
        if gone.contains(where: \.kind.isOwn),
            case .isMissing(_, let start) = try await context.runtime.controller(context.global)
        {
            context.warn(
                "no controller runs on this state: what exists outside because of them, and what holds them, goes when one runs"
            )
            context.hint("Next: \(start)")
        }
        guard wait else { return .done }
        let waiter = Waiter(objects: objects, console: context.console, aim: .deletion)
        return try await waiter.wait(gone, timeout: timeout.duration == .zero ? nil : timeout.duration) { _ in }
    }
}
