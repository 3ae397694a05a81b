import ArgumentParser
import Client
import Model
import Text
import Tree

struct ArriveCommand: Verb {
    static let configuration = CommandConfiguration(
        commandName: "arrive", abstract: "Tells a sync point that an outside party has arrived.",
        discussion: """
            It counts for the sync point as it is specified now; after a change of its spec the party arrives anew. \
            Saying it twice changes nothing.

            \(Exit.common)
            """)

    @Argument(help: ArgumentHelp("The sync point: syncp/NAME.", valueName: "point")) var words: [String]
    @Option(name: .customLong("as"), help: ArgumentHelp("The party, as `external` names it.", valueName: "party"))
    var party: String
    @OptionGroup var space: NamespaceArguments
    @OptionGroup var global: GlobalArguments

    func perform(_ context: Context) async throws -> Exit {
        let key = try ObjectNames.one(words, namespace: context.namespace(space), default: .syncPoint)
        guard key.kind == .syncPoint else {
            throw CommandError(.failed, "nobody arrives at a \(key.kind.rawValue)", next: "Name syncp/NAME.")
        }
        let objects = try await context.objects()
        let object = try await Finder(objects: objects).find(key)
        let parties = (object["spec"]?["participants"]?.array ?? []).compactMap { $0["external"]?.string }
        guard parties.contains(party) else {
            let meant = NearestName.suggest(party, among: parties).map { "Did you mean \"\($0)\"?" as TerminalText }
            let known: TerminalText =
                parties.isEmpty ? "It waits for no outside party." : "It waits for: \(parties.joined(separator: ", "))."
            throw CommandError(.failed, "\(key.resourceName) has no external party \"\(party)\"", next: meant ?? known)
        }
        let generation = String(object["metadata"]?["generation"]?.int ?? 1)
        let annotation = Names.arrivalPrefix + party
        let annotations = Tree(dictionaryLiteral: (annotation, .string(generation)))
        let updated = try await objects.mergePatch(key, ["metadata": ["annotations": annotations]])
        let isOpen = updated["status"]?["state"]?.string == SyncPointState.released.rawValue
        context.output.line("\(party) arrived at \(key.resourceName)\(isOpen ? ", which is open already" : "")")
        if !isOpen { try await context.next() }
        return .done
    }
}
