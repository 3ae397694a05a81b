import ArgumentParser
import Client
import Model
import Text
import Tree

struct DescribeCommand: Verb {
    static let configuration = CommandConfiguration(
        commandName: "describe", abstract: "Shows all about objects: what is wanted, what is, why, and what happened.",
        discussion: Exit.common)

    @Argument(help: ArgumentHelp("KIND NAME or KIND/NAME; a kind alone for all of it.", valueName: "what")) var words:
        [String]
    @OptionGroup var space: NamespaceArguments
    @OptionGroup var global: GlobalArguments

    func perform(_ context: Context) async throws -> Exit {
        let names = try ObjectNames(words, namespace: context.namespace(space))
        let objects = try await context.objects()
        var keys = names.keys
        if keys.isEmpty {
            for kind in names.kinds {
                let found = try await objects.list(kind, namespace: kind.namespaced ? context.namespace(space) : nil)
                    .items
                keys += found.compactMap { ObjectKey(object: $0) }
            }
        }
        guard !keys.isEmpty else {
            context.note("No resources found in \(context.namespace(space)) namespace.")
            return .done
        }
        let describer = Describer(objects: objects)
        var shown: [Tree] = []
        for (index, key) in keys.enumerated() {
            if index > 0 { context.output.line("\n") }
            let page = Description(paint: context.paint, now: context.console.now, width: context.width)
            let object = try await Finder(objects: objects).find(key)
            context.output.write(try await describer.describe(key, object, page).text)
            shown.append(object)
        }
        try await context.warnOfStandstill(shown)
        return .done
    }
}

/// Gathers what the page about an object needs, and writes it.
struct Describer {
    let objects: ObjectClient

    func describe(_ key: ObjectKey, _ object: Tree, _ page: Description) async throws -> Description {
        var page = page
        page.identity(key.kind, object["metadata"] ?? .emptyObject)
        do {
            try await body(key, object, &page)
        } catch let issue as DecodingIssue {
            // An object of another version of the program: shown as it is.
            page.field("Unreadable", issue.description)
            page.yaml("Spec", object["spec"])
            page.yaml("Status", object["status"])
        }
        if key.kind != .event { page.events(try await EventTable.events(about: key, objects)) }
        return page
    }

    private func body(_ key: ObjectKey, _ object: Tree, _ page: inout Description) async throws {
        switch key.kind {
        case .executionPlan:
            let plan = try ExecutionPlan(tree: object)
            let tasks = try await children(.task, key).map { try WorkTask(tree: $0) }
            let points = try await children(.syncPoint, key).map { try SyncPoint(tree: $0) }
            page.plan(plan, tasks: tasks, points: points)
        case .task: page.task(try WorkTask(tree: object))
        case .region:
            let pools = try await objects.list(.workerPool).items.filter { $0["spec"]?["region"]?.string == key.name }
            page.region(try Region(tree: object), pools: try pools.map { try WorkerPool(tree: $0) })
        case .workerPool:
            let workers = try await objects.list(.worker, namespace: key.namespace).items
                .filter { $0["spec"]?["pool"]?.string == key.name }
            page.pool(try WorkerPool(tree: object), workers: try workers.map { try Worker(tree: $0) })
        case .worker:
            let worker = try Worker(tree: object)
            let tasks = try await objects.list(.task, namespace: key.namespace).items
                .filter { $0["status"]?["assignment"]?["workerUID"]?.string == worker.metadata.uid }
                .map { try WorkTask(tree: $0) }.filter(\.status.phase.isBound)
            page.worker(worker, tasks: tasks)
        case .syncPoint:
            let tasks = try await objects.list(.task, namespace: key.namespace).items
                .map { try WorkTask(tree: $0) }.filter { $0.spec.waitFor.contains(key.name) }
            page.point(try SyncPoint(tree: object), waiting: tasks)
        case .secret:
            page.field("Type", object["type"]?.string)
            let members = (object["data"]?.object ?? Members()).map { member in
                let text = member.value.string ?? ""
                return "\(member.key): \(text.utf8.count / 4 * 3 - text.suffix(2).count { $0 == "=" }) bytes"
            }
            page.list("Data", members, none: "<none>")
        case .namespace: page.namespace(object)
        case .configMap, .event, .lease, .serviceAccount:
            for member in object.object ?? Members() where !["apiVersion", "kind", "metadata"].contains(member.key) {
                page.yaml(member.key.prefix(1).uppercased() + member.key.dropFirst(), member.value)
            }
        }
    }

    private func children(_ kind: Kind, _ plan: ObjectKey) async throws -> [Tree] {
        try await Finder(objects: objects).children(kind, of: plan)
    }
}
