import ArgumentParser
import Client
import Documents
import Model
import Tree

struct EventsCommand: Verb {
    static let configuration = CommandConfiguration(
        commandName: "events", abstract: "Lists what happened, oldest first.", discussion: Exit.common)

    @Argument(help: ArgumentHelp("Only about this object: KIND/NAME.", valueName: "what")) var words: [String] = []
    @OptionGroup var space: NamespaceArguments
    @Flag(name: [.customShort("A"), .long], help: "Look in all namespaces.") var allNamespaces = false
    @Option(help: ArgumentHelp("Only Normal or only Warning.", valueName: "type")) var types: String?
    @Option(name: [.customShort("o"), .long], help: "table, json or yaml.") var output = OutputFormat.table
    @OptionGroup var global: GlobalArguments

    func perform(_ context: Context) async throws -> Exit {
        let objects = try await context.objects()
        let events: [Tree]
        if words.isEmpty {
            events = EventTable.sorted(
                try await objects.list(.event, namespace: allNamespaces ? nil : context.namespace(space)).items)
        } else {
            let key = try ObjectNames.one(words, namespace: context.namespace(space))
            events = try await EventTable.events(about: key, objects)
        }
        let shown = events.filter { types == nil || $0["type"]?.string?.lowercased() == types?.lowercased() }
        guard output == .table || output == .wide else {
            let printer = ObjectPrinter(output)
            context.output.write(
                printer.text([(.event, shown)], asList: true, paint: context.paint, now: context.console.now))
            return .done
        }
        guard !shown.isEmpty else {
            context.note("No events found.")
            return .done
        }
        let table = EventTable.table(shown, now: context.console.now, objects: words.isEmpty, namespaces: allNamespaces)
        context.output.write(table.text(context.paint))
        return .done
    }
}
