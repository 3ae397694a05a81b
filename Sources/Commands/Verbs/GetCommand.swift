import ArgumentParser
import Client
import Model
import Text
import Tree

struct GetCommand: Verb {
    static let configuration = CommandConfiguration(
        commandName: "get", abstract: "Lists objects, or shows them whole.",
        usage:
            "reconcile get <kind>[,<kind>…]|reconcile [<name> …] [-n <namespace>|-A] [-o <format>] [-l <selector>] [-w]",
        discussion: """
            Kinds: regions (rgn), workerpools (wpool), executionplans (xplan), syncpoints (syncp), workers (wkr), \
            tasks (xtask), namespaces, secrets, configmaps, events, leases; `reconcile` for all of ours.

            \(Exit.common)
            """)

    @Argument(help: ArgumentHelp("Kinds and names, or KIND/NAME.", valueName: "what"))
    var words: [String]
    @OptionGroup var space: NamespaceArguments
    @Flag(name: [.customShort("A"), .long], help: "Look in all namespaces.") var allNamespaces = false
    @Option(name: [.customShort("o"), .long], help: ArgumentHelp(OutputFormat.help, valueName: "format"))
    var output = OutputFormat.table
    @Option(name: [.customShort("l"), .long], help: ArgumentHelp("Labels the objects must have.", valueName: "labels"))
    var selector: String?
    @Option(help: ArgumentHelp("Fields the objects must have.", valueName: "fields")) var fieldSelector: String?
    @Option(help: ArgumentHelp("Order them by a value, such as .metadata.name.", valueName: "path")) var sortBy: String?
    @Flag(help: "Print no headers over the columns.") var noHeaders = false
    @Flag(help: "Show the labels.") var showLabels = false
    @Flag(help: "Show in json and yaml who owns which field.") var showManagedFields = false
    @Flag(name: [.customShort("w"), .long], help: "Then show every change, until interrupted.") var watch = false
    @OptionGroup var global: GlobalArguments

    func perform(_ context: Context) async throws -> Exit {
        let names = try ObjectNames(words, namespace: context.namespace(space))
        let objects = try await context.objects()
        var printer = try ObjectPrinter(output, sortBy: sortBy)
        printer.showsHeaders = !noHeaders
        printer.width = context.width
        printer.showsNamespace = allNamespaces
        printer.prefixesNames = names.kinds.count > 1
        printer.showsLabels = showLabels
        printer.showsManagedFields = showManagedFields
        if watch {
            guard names.kinds.count == 1 else { throw CommandError(.failed, "one kind at a time can be watched") }
            let kind = names.kinds[0]
            var feed = ChangeFeed(objects: objects, console: context.console, kind: kind)
            feed.namespace = allNamespaces || !kind.namespaced ? nil : context.namespace(space)
            feed.selector = selector
            feed.fields = fieldSelector
            feed.keys = names.keys
            return try await GetWatch(printer: printer, context: context).run(feed)
        }
        if !names.keys.isEmpty { return try await one(names, objects, printer, context) }
        var groups: [(kind: Kind, items: [Tree])] = []
        for kind in names.kinds {
            let namespace = allNamespaces || !kind.namespaced ? nil : context.namespace(space)
            let listing = try await objects.list(
                kind, namespace: namespace, selector: selector, fields: fieldSelector,
                printer.needed(of: kind))
            groups.append((kind, listing.items))
        }
        if groups.allSatisfy({ $0.items.isEmpty }), printer.isForPeople {
            let isSpaced = !allNamespaces && names.kinds.contains(where: \.namespaced)
            context.note(
                isSpaced ? "No resources found in \(context.namespace(space)) namespace." : "No resources found")
            return .done
        }
        context.output.write(printer.text(groups, asList: true, paint: context.paint, now: context.console.now))
        try await context.warnOfStandstill(groups.flatMap(\.items))
        return .done
    }

    private func one(
        _ names: ObjectNames, _ objects: ObjectClient, _ printer: ObjectPrinter, _ context: Context
    ) async throws -> Exit {
        let finder = Finder(objects: objects)
        var groups: [(kind: Kind, items: [Tree])] = names.kinds.map { ($0, []) }
        var errors: [CommandError] = []
        for key in names.keys {
            do {
                let object = try await finder.find(key)
                if let index = groups.firstIndex(where: { $0.kind == key.kind }) { groups[index].items.append(object) }
            } catch let error as CommandError {
                errors.append(error)
            }
        }
        if groups.contains(where: { !$0.items.isEmpty }) {
            let asList = names.keys.count > 1
            context.output.write(printer.text(groups, asList: asList, paint: context.paint, now: context.console.now))
            try await context.warnOfStandstill(groups.flatMap(\.items))
        }
        guard let first = errors.first else { return .done }
        throw CommandError(
            .failed, errors.map(\.message).joined(separator: "\n"), next: errors.count == 1 ? first.next : nil)
    }
}
