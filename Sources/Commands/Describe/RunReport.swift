import Model
import Text
import Tree

/// A plan after the fact: residency, cost by region, recoveries.
struct RunReport {
    /// One region in which attempts of a task ran, and the rule that let them.
    struct Residency: Sendable, Hashable {
        var task: String
        var region: String
        var attempts: [Int]
        var rule: String
        var isLawful: Bool
    }

    struct RegionCost: Sendable, Hashable {
        var region: String
        var tasks: Int
        var cost: Money
    }

    let plan: ExecutionPlan
    let residency: [Residency]
    let costs: [RegionCost]

    init(plan: ExecutionPlan, tasks: [WorkTask], regions: [Region]) {
        self.plan = plan
        var satisfied: [String: Set<String>] = [:]
        for region in regions { satisfied[region.metadata.name] = Set(region.spec.regulations) }
        var order: [String: Int] = [:]
        for (index, entry) in plan.spec.allTasks.enumerated() { order[entry.task.name] = index }
        let sorted = tasks.sorted {
            (order[$0.spec.task] ?? .max, $0.spec.task) < (order[$1.spec.task] ?? .max, $1.spec.task)
        }
        var residency: [Residency] = []
        var costs: [String: RegionCost] = [:]
        for task in sorted {
            for (region, attempts) in Self.places(task) {
                residency.append(Self.judge(task, region, attempts, satisfied[region]))
                costs[region, default: RegionCost(region: region, tasks: 0, cost: .zero)].tasks += 1
            }
            for (region, cost) in Self.costs(task) {
                costs[region, default: RegionCost(region: region, tasks: 0, cost: .zero)].cost += cost
            }
        }
        self.residency = residency
        self.costs = costs.values.sorted { $0.region < $1.region }
    }

    /// Regions in which it ran, in order of its attempts.
    private static func places(_ task: WorkTask) -> [(String, [Int])] {
        var places: [(String, [Int])] = []
        func add(_ region: String, _ attempt: Int) {
            guard !region.isEmpty, attempt > 0 else { return }
            if let index = places.firstIndex(where: { $0.0 == region }) {
                if !places[index].1.contains(attempt) { places[index].1.append(attempt) }
            } else {
                places.append((region, [attempt]))
            }
        }
        for attempt in task.status.attempts { add(attempt.region, attempt.attempt) }
        let isPlaced = task.status.phase.isBound || task.status.phase.isTerminal
        if isPlaced, let assignment = task.status.assignment { add(assignment.region, task.status.attempt) }
        return places
    }

    /// What each region's attempts cost; the present attempt's share is what the records leave.
    private static func costs(_ task: WorkTask) -> [(String, Money)] {
        var left = task.status.cost
        var costs: [(String, Money)] = []
        for attempt in task.status.attempts where attempt.cost != .zero {
            costs.append((attempt.region, attempt.cost))
            left = left - attempt.cost
        }
        let last = task.status.assignment?.region ?? task.status.attempts.last?.region ?? ""
        if left > .zero, !last.isEmpty { costs.append((last, left)) }
        return costs
    }

    private static func judge(_ task: WorkTask, _ region: String, _ attempts: [Int], _ satisfied: Set<String>?)
        -> Residency
    {
        let requires = task.spec.requires
        var rules: [String] = []
        var isLawful = true
        if !requires.regulations.isEmpty {
            let missing = requires.regulations.filter { !(satisfied ?? []).contains($0) }
            if missing.isEmpty {
                rules.append("\(region) satisfies \(requires.regulations.joined(separator: ", "))")
            } else {
                isLawful = false
                let why =
                    satisfied == nil ? "the region is no longer known" : "lacks \(missing.joined(separator: ", "))"
                rules.append("requires \(requires.regulations.joined(separator: ", ")): \(why)")
            }
        }
        if let data = requires.dataLocality, !data.regions.isEmpty {
            let isThere = data.regions.contains(region)
            isLawful = isLawful && isThere
            rules.append(
                "\(data.dataset ?? "data") \(isThere ? "is" : "must be") in \(data.regions.joined(separator: ", "))")
        }
        if let filter = requires.regions {
            if !filter.include.isEmpty { rules.append("only in \(filter.include.joined(separator: ", "))") }
            if !filter.exclude.isEmpty { rules.append("not in \(filter.exclude.joined(separator: ", "))") }
        }
        if rules.isEmpty { rules.append(task.spec.region == region ? "listed under \(region)" : "no residency rule") }
        return Residency(
            task: task.spec.task, region: region, attempts: attempts, rule: rules.joined(separator: "; "),
            isLawful: isLawful)
    }
}

extension RunReport {
    private var total: Money { costs.reduce(.zero) { $0 + $1.cost } }

    private var residencyTable: TextTable {
        let rows = residency.map { row -> [TextTable.Cell] in
            [
                TextTable.Cell(row.task), TextTable.Cell(row.region),
                TextTable.Cell(row.attempts.map(String.init).joined(separator: ",")),
                TextTable.Cell(row.isLawful ? "yes" : "NO", row.isLawful ? .green : .red), TextTable.Cell(row.rule),
            ]
        }
        return TextTable(["Task", "Region", "Attempts", "Lawful", "Rule"], rows)
    }

    private var costTable: TextTable {
        let rows = costs.map {
            [TextTable.Cell($0.region), TextTable.Cell(String($0.tasks)), TextTable.Cell(CellText.money($0.cost))]
        }
        return TextTable(
            ["Region", "Tasks", "Cost"], rows + [["total", "", TextTable.Cell(CellText.money(total))]],
            rightAligned: [1, 2])
    }

    private var recoveryTable: TextTable {
        let rows = plan.status.recoveries.map { recovery -> [TextTable.Cell] in
            [
                TextTable.Cell(recovery.worker), TextTable.Cell(recovery.region), TextTable.Cell(recovery.reason),
                .optional(recovery.downtimeSeconds.map { "\($0) s" }), TextTable.Cell(CellText.money(recovery.cost)),
                TextTable.Cell(recovery.tasks.joined(separator: ", ")),
            ]
        }
        return TextTable(["Worker", "Region", "Reason", "Downtime", "Cost", "Tasks"], rows)
    }

    func text(_ paint: Paint, width: Int?) -> TerminalText {
        var text: TerminalText =
            "Plan \(plan.metadata.name): \(paint(.of(state: plan.status.phase.rawValue), plan.status.phase.rawValue))\n"
        text += "\n\(paint(.bold, "Residency"))\n\(residencyTable.shown(paint, width: width).lines())"
        text += "\n\(paint(.bold, "Cost"))\n\(costTable.text(paint))"
        if !plan.status.recoveries.isEmpty {
            text += "\n\(paint(.bold, "Recoveries"))\n\(recoveryTable.shown(paint, width: width).lines())"
        }
        return text
    }

    var markdown: Encoded<Markdown> {
        var text: Encoded<Markdown> = "## Plan \(plan.metadata.name): \(plan.status.phase.rawValue)\n"
        text += "\n### Residency\n\n\(RunMarkdown.table(residencyTable))"
        text += "\n### Cost\n\n\(RunMarkdown.table(costTable))"
        if !plan.status.recoveries.isEmpty { text += "\n### Recoveries\n\n\(RunMarkdown.table(recoveryTable))" }
        return text
    }

    var tree: Tree {
        [
            "apiVersion": .string(Kind.executionPlan.apiVersion), "kind": "PlanRunReport",
            "plan": .string(plan.metadata.name), "namespace": .string(plan.metadata.namespace ?? ""),
            "phase": .string(plan.status.phase.rawValue),
            "residency": .array(
                residency.map {
                    [
                        "task": .string($0.task), "region": .string($0.region),
                        "attempts": .array($0.attempts.map { .int(Int64($0)) }),
                        "rule": .string($0.rule), "lawful": .bool($0.isLawful),
                    ]
                }),
            "costs": .array(
                costs.map {
                    ["region": .string($0.region), "tasks": .int(Int64($0.tasks)), "cost": .string($0.cost.decimal)]
                }),
            "totalCost": .string(total.decimal),
            "recoveries": .array(plan.status.recoveries.map(\.tree)),
        ]
    }
}
