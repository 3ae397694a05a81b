import Model
import Ports
import Storage

// What the report says at the end of a run.
extension Rehearsal {
    func report() -> PreviewReport {
        var report = PreviewReport()
        report.changes = ledger.changes
        report.placements = ledger.placements
        report.rateBefore = ledger.rateBefore
        report.rateAfter = ledger.ratePeak
        report.pools = store.list(StoreQuery(kinds: [.workerPool])).objects.compactMap(pool)
        let plans = store.list(StoreQuery(kinds: [.executionPlan])).objects.compactMap {
            // try?: what can't be read is left alone, as by the controllers.
            try? ExecutionPlan(tree: $0.tree)
        }
        report.plans = plans.map(plan)
        report.cost = plans.reduce(.zero) { $0 + $1.status.cost.accrued } - ledger.billBefore
        report.share = plans.reduce(.zero) { $0 + $1.status.cost.share }
        report.cost = max(.zero, report.cost)
        report.pending = pending()
        report.failed = failed()
        if !plans.isEmpty, ledger.openPlans.isEmpty { report.end = report.plans.compactMap(\.end).max() }
        if !ledger.unchecked.isEmpty {
            report.notes.append(
                .init("externals are taken as available: \(ledger.unchecked.sorted().joined(separator: ", "))"))
        }
        for (key, said) in ledger.recommendations.sorted(by: { $0.key < $1.key }) {
            report.notes.append(.init("pool \(key.name): \(said)", pool: key))
        }
        for pool in report.pools {
            guard let underuse = pool.underuse else { continue }
            report.notes.append(.init("pool \(pool.key.name): \(underuse)", pool: pool.key))
        }
        switch end {
        case .over: break
        case .stuck:
            report.notes.append(
                .init("never over as it stands: what waits is listed with what it waits for", isOfPending: true))
        case .gaveUp(let why):
            report.gaveUp =
                "gave up after \(why), at \((now.instant - began.instant).text) of the plan's time: \(ledger.openPlans.count) "
                + "plans were not over"
            report.notes.append(.init(report.gaveUp ?? ""))
        }
        report.failure = request.failure.map { failure($0, plans, report.pending + report.failed) }
        return report
    }

    private func pool(_ object: StoredObject) -> PreviewReport.Pool? {
        // try?: what can't be read is left alone, as by the controllers.
        guard let pool = try? WorkerPool(tree: object.tree) else { return nil }
        return PreviewReport.Pool(
            key: object.key, region: pool.spec.region, backend: pool.status.backend ?? "",
            instanceType: pool.status.instanceType, choice: pool.status.choice ?? "",
            pricePerWorker: pool.status.price?.perHour ?? .zero, workersBefore: ledger.workersBefore[object.key] ?? 0,
            workersAfter: ledger.workersPeak[object.key] ?? 0, spent: pool.status.accrued?.total ?? .zero,
            underuse: pool.status.conditions[.underused].flatMap { $0.status == .yes ? $0.message : nil })
    }

    private func plan(_ plan: ExecutionPlan) -> PreviewReport.Plan {
        PreviewReport.Plan(
            key: plan.key, phase: plan.status.phase, message: plan.status.message ?? "",
            end: plan.status.finishedAt.map { max(.zero, $0 - began.wall) }, cost: plan.status.cost.accrued,
            share: plan.status.cost.share, estimate: ledger.estimates[plan.key])
    }

    private func pending() -> [PreviewReport.Pending] {
        store.list(StoreQuery(kinds: [.task])).objects.compactMap { object in
            // try?: what can't be read is left alone, as by the controllers.
            guard let task = try? WorkTask(tree: object.tree), task.status.phase == .pending else { return nil }
            return PreviewReport.Pending(
                task: object.key, reason: task.status.reason.flatMap(Reason.init(rawValue:)) ?? .unknown,
                message: task.status.message ?? "", record: task.status.placement)
        }
    }

    private func failed() -> [PreviewReport.Pending] {
        store.list(StoreQuery(kinds: [.task])).objects.compactMap { object in
            // try?: what can't be read is left alone, and in a preview it is our own.
            guard let task = try? WorkTask(tree: object.tree), task.status.phase.isTerminal,
                !task.status.phase.satisfies
            else { return nil }
            return PreviewReport.Pending(
                task: object.key, reason: task.status.reason.flatMap(Reason.init(rawValue:)) ?? .failed,
                message: "would end \(task.status.phase.rawValue): \(task.status.message ?? "")",
                record: task.status.placement)
        }
    }

    private func failure(
        _ failure: PreviewRequest.Failure, _ plans: [ExecutionPlan], _ left: [PreviewReport.Pending]
    ) -> PreviewReport.Failure {
        var recoveries: [RecoveryRecord] = []
        var moved: Set<ObjectKey> = []
        for plan in plans {
            let namespace = plan.metadata.namespace ?? ""
            for record in plan.status.recoveries where struck.contains(ObjectKey(.worker, namespace, record.worker)) {
                recoveries.append(record)
                guard record.running != nil else { continue }
                moved.formUnion(
                    record.tasks.map {
                        ObjectKey(.task, namespace, TaskNames.object(plan: plan.metadata.name, task: $0))
                    })
            }
        }
        // From the failure itself: in virtual time nobody renews, so that the records' last signs of life say nothing.
        let longest = recoveries.compactMap(\.running).map { $0 - (began.wall + failure.at) }.max() ?? .zero
        let isComplete = recoveries.allSatisfy { $0.running != nil }
        return PreviewReport.Failure(
            at: failure.at, downtime: isComplete ? longest : nil, moved: moved.sorted(), blocked: left,
            recoveries: recoveries)
    }
}
