import Model
import Text
import Tree

extension Description {
    /// An ExecutionPlan with its tasks and sync points.
    mutating func plan(_ plan: ExecutionPlan, tasks: [WorkTask], points: [SyncPoint]) {
        let status = plan.status
        state("Phase", status.phase.rawValue, status.message)
        field("Execution ID", status.executionID)
        field("Started", moment(status.startedAt))
        field("Finished", moment(status.finishedAt))
        if let start = status.startedAt {
            field(status.finishedAt == nil ? "Running for" : "Took", ((status.finishedAt ?? now) - start).age)
        }
        field("Scheduling", scheduling(plan.spec.scheduling))
        if plan.spec.suspend { field("Suspended", "yes: nothing new starts") }
        if plan.spec.cancel { field("Cancelled", "yes") }
        budget(plan.spec.budget)
        field("Cost", cost(status.cost))
        if let eta = status.estimatedCompletion, let p50 = eta.p50 {
            field(
                "ETA",
                "\(moment(p50) ?? "")\(eta.p90.map { ", at the latest \($0.wholeSeconds) in 9 of 10 cases" } ?? "")")
        }
        field("Progress", counts(status.counts))
        list(
            "Workers",
            (status.placement?.workers ?? []).isEmpty ? [] : [status.placement?.workers.joined(separator: ", ") ?? ""])
        regions(plan)
        taskTable(plan, tasks)
        pointTable(points)
        externals(status.externals)
        recoveries(status.recoveries)
        risks(status.risk)
        conditions(status.conditions)
    }

    private func scheduling(_ scheduling: Scheduling) -> String {
        var parts = [scheduling.algorithm.rawValue]
        if let most = scheduling.maxConcurrentTasks { parts.append("at most \(most) tasks at once") }
        if let timeout = scheduling.timeout { parts.append("timeout \(timeout.text)") }
        let weights = scheduling.weights
        parts.append(
            "at most \(scheduling.maxRegions) regions (weights: latency \(weights.latency), cost \(weights.cost), availability \(weights.availability))"
        )
        return parts.joined(separator: ", ")
    }

    private func cost(_ cost: PlanCost) -> String {
        var text = "\(CellText.money(cost.accrued)) so far, \(CellText.money(cost.ratePerHour))/h now"
        if cost.estimatedTotal != .zero { text += ", about \(CellText.money(cost.estimatedTotal)) in all" }
        if let percent = cost.savingsPercent {
            text += "; saves \(percent) %\(cost.baseline.map { " against \($0)" } ?? "")"
        }
        return text
    }

    private func counts(_ counts: TaskCounts) -> String {
        var parts = ["\(counts.total) in all"]
        for (count, word) in [
            (counts.succeeded, "succeeded"), (counts.running, "running"), (counts.assigned, "assigned"),
            (counts.pending, "pending"),
            (counts.failed, "failed"), (counts.timedOut, "timed out"), (counts.cancelled, "cancelled"),
            (counts.skipped, "not needed"),
        ] where count > 0 { parts.append("\(count) \(word)") }
        return parts.joined(separator: ", ")
    }

    private mutating func regions(_ plan: ExecutionPlan) {
        let rows = plan.status.regions.map { region -> [TextTable.Cell] in
            [
                TextTable.Cell(region.region), TextTable.Cell("\(region.succeeded)/\(region.tasks)"),
                TextTable.Cell(String(region.running)),
                TextTable.Cell(CellText.money(region.cost)), .optional(region.score),
            ]
        }
        table("Regions", TextTable(["Region", "Done", "Running", "Cost", "Score"], rows))
        list("Scores", plan.status.regions.compactMap { region in region.terms.map { "\(region.region): \($0)" } })
    }

    private static let mostTasks = 200

    private mutating func taskTable(_ plan: ExecutionPlan, _ tasks: [WorkTask]) {
        var order: [String: Int] = [:]
        for (index, entry) in plan.spec.allTasks.enumerated() { order[entry.task.name] = index }
        let sorted = tasks.sorted {
            (order[$0.spec.task] ?? .max, $0.spec.task) < (order[$1.spec.task] ?? .max, $1.spec.task)
        }
        let rows = sorted.prefix(Self.mostTasks).map { task -> [TextTable.Cell] in
            let row = RunBoard.row(task)
            // A reason helps where something is not as it should be.
            let reason = row.phase == .running || row.phase == .succeeded ? "" : row.reason
            return [
                TextTable.Cell(row.name), .optional(row.region), .optional(row.worker), .state(row.phase.rawValue),
                TextTable.Cell(String(row.attempt)), .optional(row.duration(now)?.age),
                TextTable.Cell(CellText.money(row.cost)),
                TextTable.Cell(reason),
            ]
        }
        table(
            "Tasks",
            TextTable(
                ["Task", "Region", "Worker", "Phase", "Attempt", "Duration", "Cost", "Reason"], Array(rows),
                rightAligned: [4, 5, 6]))
        if sorted.count > Self.mostTasks { line("  … and \(sorted.count - Self.mostTasks) more: reconcile get tasks") }
    }

    private mutating func pointTable(_ points: [SyncPoint]) {
        let rows = points.map { point -> [TextTable.Cell] in
            let missing = point.spec.participants.map(\.identity).filter { party in
                !point.status.arrivals.contains { $0.participant == party }
            }
            return [
                TextTable.Cell(point.metadata.name), .state(point.status.state.rawValue),
                TextTable.Cell(point.status.summary?.arrived ?? "0/\(point.spec.participants.count)"),
                TextTable.Cell(age(point.status.since)), .optional(missing.joined(separator: ", ")),
            ]
        }
        table("Sync points", TextTable(["Name", "State", "Arrived", "Since", "Missing"], rows))
    }

    private mutating func externals(_ externals: [ExternalStatus]) {
        let rows = externals.map { external -> [TextTable.Cell] in
            [
                TextTable.Cell(external.name), TextTable.Cell(external.region),
                TextTable.Cell(
                    external.state.rawValue,
                    external.state == .available ? .green : external.state == .unavailable ? .red : .yellow),
                .optional(external.message),
            ]
        }
        table("Externals", TextTable(["Name", "Region", "State", "Message"], rows))
    }

    mutating func recoveries(_ recoveries: [RecoveryRecord]) {
        guard !recoveries.isEmpty else { return }
        section("Recoveries") { page in
            for recovery in recoveries {
                page.section("\(recovery.worker) in \(recovery.region), \(recovery.reason)") { page in
                    page.field("Tasks", recovery.tasks.joined(separator: ", "))
                    page.field("Timeline", Self.steps(recovery))
                    page.field("Downtime", recovery.downtimeSeconds.map { "\($0) s" })
                    page.field("Now in", recovery.regions.joined(separator: ", "))
                    page.field("Cost", recovery.cost == .zero ? nil : CellText.money(recovery.cost))
                }
            }
        }
    }

    /// `last seen 18:05:00, detected +12s, fenced +12s, rescheduled +13s, running +14s`
    static func steps(_ recovery: RecoveryRecord) -> String {
        let start = recovery.lastSeen ?? recovery.detected
        var parts: [String] = []
        if let start { parts.append("\(recovery.lastSeen == nil ? "detected" : "last seen") \(start.clock)") }
        let steps = [
            ("detected", recovery.lastSeen == nil ? nil : recovery.detected), ("fenced", recovery.fenced),
            ("rescheduled", recovery.rescheduled), ("running", recovery.running),
        ]
        for (name, time) in steps {
            guard let start, let time else { continue }
            parts.append("\(name) +\(seconds(time - start))")
        }
        return parts.joined(separator: ", ")
    }

    /// `12.4s`
    private static func seconds(_ duration: Duration) -> String {
        let tenths = max(0, duration.milliseconds + 50) / 100
        return "\(tenths / 10).\(tenths % 10)s"
    }

    private mutating func risks(_ risks: [RiskRecord]) {
        let rows = risks.map { [TextTable.Cell($0.name), TextTable.Cell($0.level), TextTable.Cell($0.message)] }
        table("Risks", TextTable(["Risk", "Level", "Message"], rows))
    }
}
