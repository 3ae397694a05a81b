import Engine
import Glibc
import Host
import Kernel
import Model
import Ports
import Tree

/// What `/metrics` answers: gathered when it is asked for, in one list of each kind that is counted.
struct MetricsPage: Sendable {
    let store: any ResourceStore
    let writes: MeasuredStore.Measured
    let figures: ControlLoop.Figures?
    let isLeading: Bool
    /// Of the whole store, and of the namespace that is nearest to its quota.
    let fullness: (all: Double, namespace: Double)

    func text() async throws(StoreError) -> String {
        var page = Exposition()
        controllers(&page)
        try await objects(&page)
        process(&page)
        return page.text
    }

    private func controllers(_ page: inout Exposition) {
        let stats = figures?.stats ?? Engine.Stats()
        page.family(.reconciles, [(["reconcile"], "\(stats.reconciles)")])
        page.family(.leader, [(["reconcile"], isLeading ? "1" : "0")])
        page.family(.depth, [(["reconcile"], "\(figures?.queued ?? 0)")])
        page.family(
            .commits,
            [
                (["success"], "\(writes.committed)"), (["conflict"], "\(writes.conflicts)"),
                (["error"], "\(writes.failed)"),
            ])
        page.histogram(.commitSeconds, writes.seconds)
        page.value(.calls, "\(stats.calls)")
        page.value(.unreadable, "\(figures?.unreadable.count ?? 0)")
    }

    private func objects(_ page: inout Exposition) async throws(StoreError) {
        var counts: [(labels: [String], value: String)] = []
        var held: [Kind: [Tree]] = [:]
        for kind in Kind.own {
            let objects = try await store.list(StoreQuery(kinds: [kind])).objects
            counts.append(([kind.rawValue], "\(objects.count)"))
            if [.task, .executionPlan, .worker].contains(kind) { held[kind] = objects.map(\.tree) }
        }
        page.family(.fullness, [(["all"], "\(fullness.all)"), (["namespace"], "\(fullness.namespace)")])
        page.family(.objects, counts)
        page.family(.tasks, Self.count(held[.task], "phase", TaskPhase.allCases.map(\.rawValue), else: "Pending"))
        page.family(
            .plans, Self.count(held[.executionPlan], "phase", PlanPhase.allCases.map(\.rawValue), else: "Pending"))
        let workers = (held[.worker] ?? []).filter { $0["status"]?["gone"]?.bool != true }
        page.family(
            .workers, Self.count(workers, "state", WorkerState.allCases.map(\.rawValue), else: "Provisioning"))
        let micros = workers.reduce(Int64(0)) { sum, worker in
            sum + ((worker["spec"]?["price"]?["perHour"]).flatMap { Money(CellValue.text($0)) }?.micros ?? 0)
        }
        page.value(.rate, "\(Double(micros) / 1_000_000)")
    }

    /// A sample for every word there is, those of nobody too: series that come and go are hard to alert on.
    private static func count(
        _ objects: [Tree]?, _ member: String, _ words: [String], else first: String
    ) -> [(labels: [String], value: String)] {
        var counts: [String: Int] = [:]
        for object in objects ?? [] { counts[object["status"]?[member]?.string ?? first, default: 0] += 1 }
        return words.map { ([$0], "\(counts[$0] ?? 0)") }
    }

    private func process(_ page: inout Exposition) {
        let usage = ProcessUsage.own
        page.value(.cpu, "\(Double(usage.cpuMilliseconds) / 1000)")
        page.value(.memory, "\(usage.residentBytes)")
        page.value(.openFiles, "\(usage.openFiles)")
        page.value(.mostFiles, "\(ResourceLimit.openFiles)")
        page.value(.started, "\(usage.startedAt)")
    }
}

/// A value of money, which is a decimal or a whole number.
private enum CellValue {
    static func text(_ tree: Tree) -> String { tree.string ?? tree.int.map { String($0) } ?? "" }
}
