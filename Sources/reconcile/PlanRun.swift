import APIServer
import Apply
import Client
import Commands
import Documents
import Engine
import HTTP
import Kernel
import Model
import Placement
import Ports
import Preview
import SQLiteStorage
import Storage
import Tree

/// `reconcile plan`: the state as it stands, the manifests as admission makes them, and what the engine would do with
/// both.
struct PlanRun {
    let options: PlanOptions
    let clock: any Ports.Clock

    func report(_ documents: [Tree]) async throws -> PlanReport {
        let standing: [StoredObject]
        var onDemand = options.onDemand ?? false
        let kinds = Set(
            Kind.own
                + documents.compactMap {
                    Kind(apiVersion: $0["apiVersion"]?.string ?? "", kind: $0["kind"]?.string ?? "")
                }
        ).sorted()
        if let cluster = try ClusterState.client(options.global) {
            standing = try await Self.remote(cluster, kinds)
        } else {
            let path = StatePath.resolve(options.global.state)
            standing = try await Self.standing(path, kinds)
            // A gate behind `--once` is to hear of drift, not of workers that only `serve` would keep.
            onDemand = options.onDemand ?? ControllerRecord.read(in: path)?.isOnDemand ?? false
        }
        let wanted = try admit(documents, over: standing)
        var settings = Settings(
            clusterID: "plan", epoch: 0, rehearsal: options.local || Self.needsRehearsal,
            onDemand: onDemand)
        settings.containerEngine = await EngineWatch.here?.version() != nil
        let request = PreviewRequest(
            standing: standing, documents: wanted.documents, settings: settings, now: clock.now)
        let preview = Preview.run(request)
        var trees = Dictionary(standing.map { ($0.key, $0.tree) }) { first, _ in first }
        for document in wanted.documents { trees[document.key] = document.tree }
        var report = translate(preview, trees)
        report.basis = wanted.basis
        for word in options.simulateFailure {
            report.failures.append(try FailureRun(word, request, preview, trees).forecast())
        }
        return report
    }

    /// This release has no cloud providers yet: every region is planned with its declared prices and sizes.
    private static let needsRehearsal = true

    // MARK: The state

    /// Read only: through the controller that runs, else from the file; a state that does not exist is not made.
    private static func standing(_ path: String, _ kinds: [Kind]) async throws -> [StoredObject] {
        // One that can't be looked into is not an empty one.
        try StateKeys.checkAccess(in: path)
        guard Files.exists(path + "/state.db") else { return try await served(path, kinds) }
        do {
            let state = try await OpenState.open(path, clusterID: nil)
            let objects = try state.store.list(StoreQuery()).objects
            await state.store.close()
            return objects
        } catch let error as StoreOpenError {
            guard case .locked = error.code else { throw error }
            return try await remote(StateClient(path), kinds)
        }
    }

    /// What who serves it says, where there is no state to be seen: nobody, then there is none.
    private static func served(_ path: String, _ kinds: [Kind]) async throws -> [StoredObject] {
        let client = RemoteClient(socket: StatePath.socket(in: path), http: HTTPClient())
        do { return try await remote(client, kinds) } catch let error as ClientError where error.isNoController {
            return []
        }
    }

    private static func remote(_ client: any APIClient, _ kinds: [Kind]) async throws -> [StoredObject] {
        var objects: [StoredObject] = []
        for kind in kinds {
            for item in try await client.list(kind).items {
                let metadata = item["metadata"] ?? .emptyObject
                objects.append(
                    StoredObject(
                        key: ObjectKey(kind, metadata["namespace"]?.string ?? "", metadata["name"]?.string ?? ""),
                        uid: metadata["uid"]?.string ?? "",
                        version: UInt64(metadata["resourceVersion"]?.string ?? "") ?? 0,
                        tree: item))
            }
        }
        return objects
    }

    /// The documents as `apply` would store them: only those that change something.
    private func admit(
        _ documents: [Tree], over standing: [StoredObject]
    ) throws -> (documents: [(key: ObjectKey, tree: Tree)], basis: [PlanReport.Basis]) {
        let held = Dictionary(standing.map { ($0.key, $0) }) { first, _ in first }
        var wanted: [(key: ObjectKey, tree: Tree)] = []
        var basis: [PlanReport.Basis] = []
        for (index, document) in documents.enumerated() {
            guard
                let kind = Kind(apiVersion: document["apiVersion"]?.string ?? "", kind: document["kind"]?.string ?? "")
            else {
                continue
            }
            let metadata = document["metadata"] ?? .emptyObject
            let key = ObjectKey(kind, metadata["namespace"]?.string ?? "default", metadata["name"]?.string ?? "")
            let live = held[key]
            basis.append(
                .init(key, uid: live?.uid ?? "", generation: Int(live?.tree["metadata"]?["generation"]?.int ?? 0)))
            let admitted = try Admission(kind).prepareApply(
                live: live?.tree, applied: document, namespace: key.namespace.isEmpty ? nil : key.namespace,
                force: true,
                uid: "planned-\(index)",
                WriteContext(now: clock.now.wall, manager: "reconcile-cli", fieldValidation: .strict))
            if admitted.created || admitted.changed { wanted.append((key, admitted.tree)) }
        }
        return (wanted, basis)
    }

    // MARK: The report

    private func translate(_ preview: PreviewReport, _ trees: [ObjectKey: Tree]) -> PlanReport {
        var report = PlanReport()
        report.changes = preview.changes.map(change)
        report.pools = preview.pools.map { pool in
            var forecast = PlanReport.PoolForecast(
                pool: pool.key, region: pool.region, backend: pool.backend, choice: pool.choice,
                workersBefore: pool.workersBefore, workersAfter: pool.workersAfter)
            forecast.offerings = offerings(of: pool, trees)
            return forecast
        }
        report.placements = preview.placements.map { placed in
            let score = placed.record?.chosen?.score.map { ", score \($0)" } ?? ""
            let strategy = placed.record?.strategy?.rawValue ?? "placed"
            return .init(
                task: placed.task, region: placed.region, worker: placed.worker,
                reason: "\(strategy)\(score), after \(placed.at.age)")
        }
        report.pending = preview.pending.map { .init(task: $0.task, reason: $0.reason, message: $0.message) }
        report.rateBefore = preview.rateBefore
        report.rateAfter = preview.rateAfter
        if let end = preview.end {
            // The run takes every task at its median; the cautious end is half as much again, as for single tasks.
            let end = Duration.seconds((end.milliseconds + 999) / 1000)
            let cautious = Duration.seconds((end.milliseconds / 2 * 3 + 999) / 1000)
            report.estimate = .init(
                p50: end, p90: cautious, cost: preview.cost, costP90: preview.cost.scaled(by: 3, over: 2),
                share: preview.share)
        }
        report.notes = preview.notes.map { .init($0.text, pool: $0.pool, isOfPending: $0.isOfPending) }
        report.gaveUp = preview.gaveUp
        return report
    }

    private func change(_ change: PreviewReport.Change) -> PlanReport.Change {
        let action: PlanReport.Action =
            switch change.action {
            case .create: .create
            case .update: .update
            case .delete: .delete
            }
        var fields: [PlanReport.FieldChange] = []
        if change.action == .update, let before = change.before, let after = change.after {
            for difference in Diff.of(before, after, schema: change.key.kind.schema)
            where difference.path.description.hasPrefix("spec") {
                fields.append(
                    // Of what manifests say nothing is known only later: what has no new value is taken out.
                    .init(
                        "\(difference.path)", old: difference.old.map(Self.text),
                        new: difference.new.map(Self.text) ?? "<none>"))
            }
        }
        return .init(
            action, change.key, reason: change.reason, costBefore: change.costBefore, costAfter: change.costAfter,
            fields: fields)
    }

    private static func text(_ tree: Tree) -> String {
        switch tree {
        case .string(let text): text
        default: JSON.text(tree)
        }
    }

    /// What was looked at for a pool's workers, as the placement brain shows it.
    private func offerings(of pool: PreviewReport.Pool, _ trees: [ObjectKey: Tree]) -> [PlanReport.Offering] {
        // try?: a pool or region without a choice shows none; its condition says why.
        guard let spec = trees[pool.key].flatMap({ try? WorkerPool(tree: $0) })?.spec,
            // try?: as above.
            let region = trees[ObjectKey(.region, "", pool.region)].flatMap({ try? Region(tree: $0) })?.spec,
            // try?: as above.
            let choice = try? OfferingChoice.choose(spec.worker, region: region)
        else { return [] }
        return choice.considered.map { row in
            .init(
                name: row.name, resources: Self.words(row.resources), perHour: row.price.perHour,
                source: row.price.date.isEmpty ? row.price.source : "\(row.price.source), \(row.price.date)",
                isChosen: row.isChosen, rejection: row.rejection)
        }
    }

    private static func words(_ resources: Resources) -> String {
        var words: [String] = []
        if let cpu = resources.cpu { words.append("\(cpu) CPU") }
        if let memory = resources.memory { words.append("\(memory)") }
        if let gpu = resources.gpu, gpu.count > 0 { words.append("\(gpu.count) GPU") }
        return words.joined(separator: ", ")
    }
}
