import Engine
import Glibc
import HTTP
import Host
import Kernel
import Model
import Ports
import Tree
import WorkerProtocol

/// What `/metrics` answers: gathered when it is asked for, in one list of each kind that is counted.
struct MetricsPage: Sendable {
    let store: any ResourceStore
    let writes: MeasuredStore.Measured
    let figures: ControlLoop.Figures?
    let measured: LoopMeter.Measured
    let isLeading: Bool
    /// Of the whole store, and of the namespace that is nearest to its quota.
    let fullness: (all: Double, namespace: Double)

    private static let name = "reconcile"

    func text() async throws(StoreError) -> String {
        var page = Exposition()
        controllers(&page)
        effects(&page)
        stored(&page)
        try await objects(&page)
        process(&page)
        return page.text
    }

    private func controllers(_ page: inout Exposition) {
        let stats = figures?.stats ?? Engine.Stats()
        let rows = (Kind.own.map { $0 } + [nil]).map { kind in
            (name: kind?.rawValue.lowercased() ?? "round", decisions: measured.decisions[kind] ?? .init())
        }
        page.family(
            .reconciles,
            rows.flatMap { row in
                [
                    ([row.name, "success"], "\(row.decisions.done - row.decisions.comeAgain)"),
                    ([row.name, "requeue_after"], "\(row.decisions.comeAgain)"),
                ]
            })
        page.histograms(.reconcileSeconds, rows.map { ([$0.name], $0.decisions.seconds) })
        page.family(.leader, [([Self.name], isLeading ? "1" : "0")])
        page.family(
            .depth,
            [
                ([Self.name], "\(figures?.queued ?? 0)"), (["effects"], "\(figures?.effects.waiting ?? 0)"),
                (["agents"], "\(figures?.calls ?? 0)"),
            ])
        page.family(.adds, [([Self.name], "\(figures?.queueAdds ?? 0)")])
        page.family(
            .requests,
            HTTPTraffic.counted.map { ([$0.kind.status.map { String($0) } ?? "none", $0.kind.method], "\($0.count)") })
        page.histogram(.stepSeconds, measured.steps)
        page.value(.oscillations, "\(stats.oscillations)")
        page.value(.misbehaviours, "\(stats.misbehaviours)")
        page.value(.unreadable, "\(figures?.unreadable.count ?? 0)")
    }

    private func effects(_ page: inout Exposition) {
        page.value(.effects, "\(figures?.effects.running ?? 0)")
        page.family(
            .calls,
            LoopMeter.Verb.allCases.flatMap { verb in
                // Those that end well are there from the start; the others once there are any.
                let results = ["success": 0].merging(measured.calls[verb]?.results ?? [:]) { $1 }
                return results.sorted { $0.key < $1.key }.map { ([verb.rawValue, $0.key], "\($0.value)") }
            })
        page.histograms(
            .callSeconds,
            LoopMeter.Verb.allCases.map { ([$0.rawValue], measured.calls[$0]?.seconds ?? Histogram()) })
        page.family(
            .gatewayRequests,
            GatewayRoute.allCases.flatMap { route in
                let codes = [200: 0].merging(measured.requests[route] ?? [:]) { $1 }
                return codes.sorted { $0.key < $1.key }.map {
                    ([String(route.path.dropFirst("/v1/".count)), "\($0.key)"], "\($0.value)")
                }
            })
    }

    private func stored(_ page: inout Exposition) {
        page.family(
            .commits,
            [
                (["success"], "\(writes.committed)"), (["conflict"], "\(writes.conflicts)"),
                (["error"], "\(writes.failed)"),
            ])
        page.histogram(.commitSeconds, writes.seconds)
        page.family(.fullness, [(["all"], "\(fullness.all)"), (["namespace"], "\(fullness.namespace)")])
    }

    private func objects(_ page: inout Exposition) async throws(StoreError) {
        var counts: [(labels: [String], value: String)] = []
        var held: [Kind: [Tree]] = [:]
        for kind in Kind.own {
            let objects = try await store.list(StoreQuery(kinds: [kind])).objects
            counts.append(([kind.rawValue], "\(objects.count)"))
            if [.task, .executionPlan, .worker].contains(kind) { held[kind] = objects.map(\.tree) }
        }
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
        page.value(.virtualMemory, "\(usage.virtualBytes)")
        page.value(.openFiles, "\(usage.openFiles)")
        page.value(.mostFiles, "\(ResourceLimit.openFiles)")
        page.value(.started, "\(usage.startedAt)")
    }
}

/// A value of money, which is a decimal or a whole number.
private enum CellValue {
    static func text(_ tree: Tree) -> String { tree.string ?? tree.int.map { String($0) } ?? "" }
}
