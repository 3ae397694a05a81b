import ArgumentParser
import Client
import Documents
import Model
import Text
import Tree

struct EventsCommand: Verb {
    static let configuration = CommandConfiguration(
        commandName: "events", abstract: "Lists what happened, oldest first.", discussion: Exit.common)

    @Argument(help: ArgumentHelp("Only about this object: KIND/NAME.", valueName: "what")) var words: [String] = []
    @OptionGroup var space: NamespaceArguments
    @Flag(name: [.customShort("A"), .long], help: "Look in all namespaces.") var allNamespaces = false
    @Option(help: ArgumentHelp("Only Normal or only Warning.", valueName: "type")) var types: String?
    @Flag(name: [.customShort("w"), .long], help: "Then show what happens, until interrupted.") var watch = false
    @Option(name: [.customShort("o"), .long], help: ArgumentHelp(OutputFormat.help, valueName: "format"))
    var output = OutputFormat.table
    @OptionGroup var global: GlobalArguments

    func perform(_ context: Context) async throws -> Exit {
        if let types, !["normal", "warning"].contains(types.lowercased()) {
            throw CommandError(.failed, "--types \(types): events are Normal or Warning")
        }
        let objects = try await context.objects()
        let key = try words.isEmpty ? nil : ObjectNames.one(words, namespace: context.namespace(space))
        if watch { return try await EventWatch(command: self, context: context).run(key, objects) }
        let events: [Tree]
        if let key {
            events = try await EventTable.events(about: key, objects)
        } else {
            events = EventTable.sorted(
                try await objects.list(.event, namespace: allNamespaces ? nil : context.namespace(space)).items)
        }
        let shown = events.filter(isWanted)
        guard output == .table || output == .wide else {
            let printer = try ObjectPrinter(output)
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

    func isWanted(_ event: Tree) -> Bool {
        types == nil || event["type"]?.string?.lowercased() == types?.lowercased()
    }
}

/// `events -w`: what happened, then what happens, as further rows.
struct EventWatch {
    let command: EventsCommand
    let context: Context

    func run(_ key: ObjectKey?, _ objects: ObjectClient) async throws -> Exit {
        var feed = ChangeFeed(objects: objects, console: context.console, kind: .event)
        feed.namespace =
            key.map { $0.namespace.isEmpty ? nil : $0.namespace }
            ?? (command.allNamespaces ? nil : context.namespace(command.space))
        feed.fields = key.map(EventTable.fields)
        let printer = try ObjectPrinter(command.output)
        var widths: [Int] = []
        try await feed.run { change in
            switch change {
            case .listed(let events): show(EventTable.sorted(events), printer, &widths)
            case .changed(let event): show([event], printer, &widths)
            // Forgotten, not undone.
            case .removed: break
            }
        }
        return .done
    }

    private func show(_ events: [Tree], _ printer: ObjectPrinter, _ widths: inout [Int]) {
        let events = events.filter(command.isWanted)
        guard !events.isEmpty else { return }
        guard command.output == .table || command.output == .wide else {
            for event in events {
                let text = printer.text(
                    [(.event, [event])], asList: false, paint: context.paint, now: context.console.now)
                if command.output == .yaml { context.output.line("---") }
                context.output.write(text)
            }
            return
        }
        var table = EventTable.table(
            events, now: context.console.now, objects: command.words.isEmpty, namespaces: command.allNamespaces)
        let isFirst = widths.isEmpty
        table.leastWidths = widths
        // What is last may be of any length, and nothing has to line up behind it.
        widths = Array(table.widths.dropLast()) + [0]
        context.output.write(table.text(context.paint, headers: isFirst))
    }
}
