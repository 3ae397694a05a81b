import ArgumentParser
import Client
import Documents
import Model
import Text
import Tree

struct DiffCommand: WholeVerb {
    static let name = "diff"
    static let configuration = CommandConfiguration(
        commandName: name, abstract: "Shows what apply would change in the stored objects.",
        discussion: Exit.difference)

    @OptionGroup var manifests: ManifestArguments
    @OptionGroup var space: NamespaceArguments
    @Flag(help: "Compare as if fields of other writers were taken over.") var forceConflicts = false
    @OptionGroup var global: GlobalArguments

    /// An error must not look like a difference.
    static let errorCode: Int32 = 2

    func perform(whole context: Context) async throws -> Int32 {
        let loaded = try ManifestLoader.load(manifests, space, context)
        return try await compare(loaded, context) ? 1 : 0
    }

    private func compare(_ loaded: Manifests, _ context: Context) async throws -> Bool {
        let objects = try await context.objects()
        var differs = false
        for manifest in loaded.items {
            let live = try await objects.get(manifest.key)
            let merged = try await merged(manifest, live, objects)
            let old = live.map(Self.lines) ?? []
            let new = Self.lines(merged)
            let hunks = LineDiff.unified(old, new)
            guard !hunks.isEmpty else { continue }
            differs = true
            context.output.line(
                context.paint(.bold, "--- \(manifest.key)\(live == nil ? " (not stored)" : " (stored)")"))
            context.output.line(
                context.paint(.bold, "+++ \(manifest.key) (\(manifest.place.source):\(manifest.place.line))"))
            for line in hunks { context.output.line(context.paint(Self.colour(line), line)) }
        }
        return differs
    }

    private func merged(_ manifest: Manifest, _ live: Tree?, _ objects: ObjectClient) async throws(ClientError) -> Tree
    {
        do throws(ClientError) {
            return try await objects.apply(manifest.tree, key: manifest.key, force: forceConflicts, dryRun: true).tree
        } catch  where error.status == 404 && error.reason == "NotFound" && live == nil {
            // Its namespace is not there yet: all of it is new.
            return manifest.tree
        }
    }

    private static func lines(_ object: Tree) -> [String] {
        var content = object
        content["status"] = nil
        for name in ["managedFields", "resourceVersion", "generation", "uid", "creationTimestamp"] {
            content["metadata"]?[name] = nil
        }
        return YAML.emit(content).split(separator: "\n", omittingEmptySubsequences: false).dropLast().map(String.init)
    }

    private static func colour(_ line: String) -> Paint.Colour? {
        switch line.first {
        case "+": .green
        case "-": .red
        case "@": .cyan
        default: nil
        }
    }
}
