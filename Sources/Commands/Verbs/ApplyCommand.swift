import ArgumentParser
import Client
import Model
import Text
import Tree

struct ApplyCommand: Verb {
    static let configuration = CommandConfiguration(
        commandName: "apply", abstract: "Stores manifests as the desired state.",
        discussion: """
            Every manifest is checked before anything is stored. Fields are owned by the field manager `reconcile-cli`; \
            what others own is left alone, or taken over with --force-conflicts.

            \(Exit.manifests)
            """)

    @OptionGroup var manifests: ManifestArguments
    @OptionGroup var space: NamespaceArguments
    @Flag(help: "Say what would change, and change nothing.") var dryRun = false
    @Flag(help: "Take over fields that another writer owns.") var forceConflicts = false
    @OptionGroup var global: GlobalArguments

    func perform(_ context: Context) async throws -> Exit {
        let loaded = try ManifestLoader.load(manifests, space, context)
        for warning in loaded.warnings { context.warn("\(warning)") }
        let objects = try await context.objects()
        for warning in try await Self.missing(loaded, objects) { context.warn("\(warning)") }
        let applier = Applier(objects: objects, force: forceConflicts, dryRun: dryRun)
        _ = try await applier.apply(loaded) { applied in
            context.output.line("\(applied.sentence)\(dryRun ? " (server dry run)" : "")")
            // What only the state knows; the rest was said before.
            for warning in applied.warnings where !loaded.warnings.contains(where: { "\($0)".hasSuffix(warning) }) {
                context.warn("\(applied.key): \(warning)")
            }
        }
        guard !dryRun, loaded.items.contains(where: \.key.kind.isOwn) else { return .done }
        try await context.next(
            loaded.keys(.executionPlan).first.map { "reconcile get tasks -n \($0.namespace) -w" })
        return .done
    }
}

extension ApplyCommand {
    /// What the manifests refer to and nobody has: nothing may be wrong with that, it may come later.
    static func missing(_ manifests: Manifests, _ objects: ObjectClient) async throws(ClientError) -> [String] {
        var names: [ObjectKey: [String]] = [:]
        var sentences: [String] = []
        for unresolved in manifests.unresolved {
            let reference = unresolved.reference
            let place = ObjectKey(reference.kind, reference.namespace, "")
            if names[place] == nil {
                let listing = try await objects.list(
                    reference.kind, namespace: reference.namespace.isEmpty ? nil : reference.namespace)
                names[place] = listing.items.compactMap { ObjectKey(object: $0)?.name }
            }
            let standing = names[place] ?? []
            guard !standing.contains(reference.name) else { continue }
            sentences.append(unresolved.sentence(", here or in the state", standing))
        }
        return sentences
    }
}

/// Applies checked manifests in order, with the namespaces they need before them.
struct Applier {
    let objects: ObjectClient
    let force: Bool
    let dryRun: Bool

    /// Says each object as soon as it is stored. The first refusal ends it; what was stored before stays.
    func apply(_ manifests: Manifests, _ say: (Applied) -> Void) async throws -> [Applied] {
        try await check(manifests.basis)
        var all: [Applied] = []
        let missing = try await missingNamespaces(manifests)
        for name in missing {
            let key = ObjectKey(.namespace, "", name)
            let applied = try await objects.apply(Self.namespace(name), key: key, dryRun: dryRun)
            // A namespace that nobody wrote down may be a slip of the pen.
            say(applied.remarked(": it did not exist"))
            all.append(applied)
        }
        for manifest in manifests.items {
            if dryRun, missing.contains(manifest.key.namespace) {
                // The server can't rehearse in a namespace that is not there.
                all.append(Applied(key: manifest.key, outcome: .created, tree: manifest.tree, warnings: []))
                say(all[all.count - 1])
                continue
            }
            do {
                let applied = try await objects.apply(manifest.tree, key: manifest.key, force: force, dryRun: dryRun)
                say(applied)
                all.append(applied)
            } catch {
                throw located(error, manifest)
            }
        }
        return all
    }

    /// A saved plan is applied to the state it was made from, or not at all.
    private func check(_ basis: [PlanReport.Basis]) async throws {
        var moved: [String] = []
        for entry in basis {
            let metadata = try await objects.get(entry.key)?["metadata"]
            let isSame =
                (metadata?["uid"]?.string ?? "") == entry.uid
                && Int(metadata?["generation"]?.int ?? 0) == entry.generation
            if !isSame { moved.append(entry.key.description) }
        }
        guard moved.isEmpty else {
            throw CommandError(
                .failed, "the plan is out of date: changed since it was made: \(moved.joined(separator: ", "))",
                next: "Nothing was applied. Plan again: reconcile plan -f <path> -o <file>")
        }
    }

    private func missingNamespaces(_ manifests: Manifests) async throws -> [String] {
        let named = Set(manifests.keys(.namespace).map(\.name))
        var missing: [String] = []
        for name in Set(manifests.items.map(\.key.namespace)).sorted() where !name.isEmpty && !named.contains(name) {
            if try await objects.get(ObjectKey(.namespace, "", name)) == nil { missing.append(name) }
        }
        return missing
    }

    private func located(_ error: ClientError, _ manifest: Manifest) -> CommandError {
        let plain = CommandError(error, exit: error.reason == "Invalid" ? .invalid : .failed)
        let place = "\(manifest.place.source):\(manifest.place.line)"
        return CommandError(plain.exit, "\(place): \(manifest.key): \(plain.message)", next: plain.next)
    }

    static func namespace(_ name: String) -> Tree {
        ["apiVersion": "v1", "kind": "Namespace", "metadata": ["name": .string(name)]]
    }
}
