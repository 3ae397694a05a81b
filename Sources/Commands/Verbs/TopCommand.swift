import ArgumentParser
import Client
import Model
import Text
import Tree

struct TopCommand: Verb {
    static let configuration = CommandConfiguration(
        commandName: "top", abstract: "Shows load and cost of pools, or of workers.", discussion: Exit.common)

    @Argument(help: ArgumentHelp("pools or workers; both if not given.", valueName: "kind")) var word: String?
    @OptionGroup var space: NamespaceArguments
    @Flag(name: [.customShort("A"), .long], help: "Look in all namespaces.") var allNamespaces = false
    @Flag(name: [.customShort("w"), .long], help: "Then show every change, until interrupted.") var watch = false
    @OptionGroup var global: GlobalArguments

    func perform(_ context: Context) async throws -> Exit {
        let kinds =
            try word.map { $0 == "pools" ? [Kind.workerPool] : [try ObjectNames.kind($0)] } ?? [.workerPool, .worker]
        guard kinds.allSatisfy({ $0 == .workerPool || $0 == .worker }) else {
            throw CommandError(
                .failed, "only pools and workers have a load", next: "reconcile top pools, or reconcile top workers")
        }
        let objects = try await context.objects()
        let namespace = allNamespaces ? nil : context.namespace(space)
        if watch { return try await follow(kinds, namespace, objects, context) }
        var found = try await objects.list(.worker, namespace: namespace).items
        if kinds.contains(.workerPool) { found += try await objects.list(.workerPool, namespace: namespace).items }
        let text = try text(found, kinds, context)
        guard !text.isEmpty else {
            context.note("No pools and no workers.")
            return .done
        }
        context.output.write(text)
        try await context.warnOfStandstill(found)
        return .done
    }

    /// Drawn over itself on a terminal; elsewhere written again, after an empty line, when something changed.
    private func follow(
        _ kinds: [Kind], _ namespace: String?, _ objects: ObjectClient, _ context: Context
    ) async throws -> Exit {
        let sources = Set(kinds + [.worker]).sorted().map { Mirror.Source($0, namespace: namespace) }
        let mirror = Mirror(objects, sources)
        var shown: TerminalText?
        let _: Exit? = try await mirror.follow(
            until: .distantFuture, every: .seconds(5), context.console
        ) { objects in
            let text = try text(objects, kinds, context)
            guard text != shown else { return nil }
            let lines = shown?.text.count { $0 == "\n" } ?? 0
            let isDrawnOver = context.output.isTerminal && lines > 0 && lines < context.output.height
            let lead: TerminalText = isDrawnOver ? "\u{1B}[\(lines)A\u{1B}[J" : shown == nil ? "" : "\n"
            context.output.write(lead + text)
            shown = text
            return nil
        }
        return .done
    }

    private func text(_ objects: [Tree], _ kinds: [Kind], _ context: Context) throws -> TerminalText {
        func all(_ kind: Kind) -> [Tree] { objects.filter { $0["kind"]?.string == kind.rawValue } }
        let workers = try all(.worker).map { try Worker(tree: $0) }.filter { !$0.status.gone }
        var tables: [TextTable] = []
        if kinds.contains(.workerPool) {
            let pools = try all(.workerPool).map { try WorkerPool(tree: $0) }
            if !pools.isEmpty { tables.append(poolTable(pools, workers).fitted(to: context.width, keeping: [0, 3])) }
        }
        if kinds.contains(.worker), !workers.isEmpty {
            tables.append(workerTable(workers).fitted(to: context.width, keeping: [0, 2]))
        }
        return tables.map { $0.text(context.paint) }.joined(separator: "\n")
    }

    private func poolTable(_ pools: [WorkerPool], _ workers: [Worker]) -> TextTable {
        var total = (used: 0, slots: 0, rate: Money.zero)
        var rows = pools.map { pool -> [TextTable.Cell] in
            let members = workers.filter {
                $0.spec.pool == pool.metadata.name && $0.metadata.namespace == pool.metadata.namespace
            }
            let used = members.reduce(0) { $0 + $1.status.tasks }
            let slots = members.filter(\.status.state.takesTasks).reduce(0) { $0 + $1.spec.maxConcurrentTasks }
            let rate = members.reduce(Money.zero) { $0 + $1.spec.price.perHour }
            total = (total.used + used, total.slots + slots, total.rate + rate)
            return [
                TextTable.Cell(
                    allNamespaces ? "\(pool.metadata.namespace ?? "")/\(pool.metadata.name)" : pool.metadata.name),
                TextTable.Cell(pool.spec.region),
                TextTable.Cell("\(pool.status.readyReplicas)/\(pool.status.desiredReplicas)"),
                TextTable.Cell("\(used)/\(slots)"), TextTable.Cell(Self.percent(used, slots)),
                TextTable.Cell(CellText.money(rate)),
            ]
        }
        rows.append([
            "total", "", "", TextTable.Cell("\(total.used)/\(total.slots)"),
            TextTable.Cell(Self.percent(total.used, total.slots)),
            TextTable.Cell(CellText.money(total.rate)),
        ])
        return TextTable(["Pool", "Region", "Workers", "Slots", "Load", "$/h"], rows, rightAligned: [4, 5])
    }

    private func workerTable(_ workers: [Worker]) -> TextTable {
        let rows = workers.map { worker -> [TextTable.Cell] in
            let slots = worker.spec.maxConcurrentTasks
            return [
                TextTable.Cell(
                    allNamespaces ? "\(worker.metadata.namespace ?? "")/\(worker.metadata.name)" : worker.metadata.name),
                TextTable.Cell(worker.spec.pool), .state(worker.status.state.rawValue),
                TextTable.Cell("\(worker.status.tasks)/\(slots)"),
                TextTable.Cell(Self.percent(worker.status.tasks, slots)), TextTable.Cell(String(worker.status.health)),
                TextTable.Cell(CellText.money(worker.spec.price.perHour)),
            ]
        }
        return TextTable(["Worker", "Pool", "State", "Slots", "Load", "Health", "$/h"], rows, rightAligned: [4, 5, 6])
    }

    private static func percent(_ used: Int, _ slots: Int) -> String {
        slots == 0 ? "<none>" : "\(used * 100 / slots)%"
    }
}
