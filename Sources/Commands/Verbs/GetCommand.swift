import ArgumentParser
import Client
import Model
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
    @Option(name: [.customShort("o"), .long], help: "table, wide, json, yaml or name.") var output = OutputFormat.table
    @Option(name: [.customShort("l"), .long], help: ArgumentHelp("Labels the objects must have.", valueName: "labels"))
    var selector: String?
    @Option(help: ArgumentHelp("Fields the objects must have.", valueName: "fields")) var fieldSelector: String?
    @Flag(help: "Show the labels.") var showLabels = false
    @Flag(help: "Show in json and yaml who owns which field.") var showManagedFields = false
    @Flag(name: [.customShort("w"), .long], help: "Then show every change, until interrupted.") var watch = false
    @OptionGroup var global: GlobalArguments

    func perform(_ context: Context) async throws -> Exit {
        let names = try ObjectNames(words, namespace: context.namespace(space))
        let objects = try await context.objects()
        var printer = ObjectPrinter(output)
        printer.showsNamespace = allNamespaces
        printer.prefixesNames = names.kinds.count > 1
        printer.showsLabels = showLabels
        printer.showsManagedFields = showManagedFields
        if watch {
            guard names.kinds.count == 1 else { throw CommandError(.failed, "one kind at a time can be watched") }
            return try await GetWatch(command: self, printer: printer, context: context).run(names, objects)
        }
        if !names.keys.isEmpty { return try await one(names, objects, printer, context) }
        var groups: [(kind: Kind, items: [Tree])] = []
        for kind in names.kinds {
            let namespace = allNamespaces || !kind.namespaced ? nil : context.namespace(space)
            let listing = try await objects.list(kind, namespace: namespace, selector: selector, fields: fieldSelector)
            groups.append((kind, listing.items))
        }
        if groups.allSatisfy({ $0.items.isEmpty }), output == .table || output == .wide || output == .name {
            let isSpaced = !allNamespaces && names.kinds.contains(where: \.namespaced)
            context.note(
                isSpaced ? "No resources found in \(context.namespace(space)) namespace." : "No resources found")
            return .done
        }
        context.output.write(printer.text(groups, asList: true, paint: context.paint, now: context.console.now))
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
        }
        guard let first = errors.first else { return .done }
        throw CommandError(
            .failed, errors.map(\.message).joined(separator: "\n"), next: errors.count == 1 ? first.next : nil)
    }
}

/// `get -w`: the objects once, then each change as a further row or document.
struct GetWatch {
    let command: GetCommand
    let printer: ObjectPrinter
    let context: Context

    private static let pause = Duration.milliseconds(500)

    func run(_ names: ObjectNames, _ objects: ObjectClient) async throws -> Exit {
        let kind = names.kinds[0]
        let namespace = command.allNamespaces || !kind.namespaced ? nil : context.namespace(command.space)
        var shown: [ObjectKey: Tree] = [:]
        var widths: [Int] = []
        while !Task.isCancelled {
            let listing = try await objects.list(
                kind, namespace: namespace, selector: command.selector, fields: command.fieldSelector)
            let listed = listing.items.filter { item in
                guard let key = ObjectKey(object: item), names.keys.isEmpty || names.keys.contains(key) else {
                    return false
                }
                return shown.updateValue(item, forKey: key) != item
            }
            show(listed, kind, &widths)
            var watch = try await objects.watch(
                kind, namespace: namespace, from: listing.version, selector: command.selector,
                fields: command.fieldSelector)
            defer { watch.close() }
            events: while let event = try await watch.next() {
                switch event {
                case .changed(let object):
                    guard let key = ObjectKey(object: object), names.keys.isEmpty || names.keys.contains(key) else {
                        continue
                    }
                    if shown.updateValue(object, forKey: key) != object { show([object], kind, &widths) }
                case .removed(let object):
                    guard let key = ObjectKey(object: object), shown.removeValue(forKey: key) != nil else { continue }
                    show([object], kind, &widths)
                case .bookmark: continue
                case .expired: break events
                }
            }
            await context.console.sleep(until: context.console.instant + Self.pause)
        }
        return .done
    }

    /// Rows line up with what was printed before; a wider value only widens what follows.
    private func show(_ objects: [Tree], _ kind: Kind, _ widths: inout [Int]) {
        guard !objects.isEmpty else { return }
        guard printer.format == .table || printer.format == .wide else {
            for object in objects {
                let text = printer.text(
                    [(kind, [object])], asList: false, paint: context.paint, now: context.console.now)
                context.output.write(printer.format == .yaml ? "---\n" + text : text)
            }
            return
        }
        let isFirst = widths.isEmpty
        var table = printer.table(kind).table(objects, now: context.console.now)
        table.leastWidths = widths
        widths = table.widths
        context.output.write(table.text(context.paint, headers: isFirst))
    }
}
