import ArgumentParser
import Client
import Model
import Text
import Tree

struct TreeCommand: Verb {
    static let configuration = CommandConfiguration(
        commandName: "tree", abstract: "Draws a plan with its regions, tasks, pools, workers and sync points.",
        discussion: Exit.common)

    @Argument(help: ArgumentHelp("The plan: xplan/NAME.", valueName: "plan")) var words: [String]
    @OptionGroup var space: NamespaceArguments
    @OptionGroup var global: GlobalArguments

    func perform(_ context: Context) async throws -> Exit {
        let key = try ObjectNames.one(words, namespace: context.namespace(space), default: .executionPlan)
        guard key.kind == .executionPlan else {
            throw CommandError(.failed, "a \(key.kind.rawValue) has no tree", next: "Name xplan/NAME.")
        }
        let objects = try await context.objects()
        let finder = Finder(objects: objects)
        let object = try await finder.find(key)
        let plan = try ExecutionPlan(tree: object)
        let picture = PlanPicture(
            plan: plan, tasks: try await finder.children(.task, of: key).map { try WorkTask(tree: $0) },
            points: try await finder.children(.syncPoint, of: key).map { try SyncPoint(tree: $0) },
            workers: try await objects.list(.worker, namespace: key.namespace).items.map { try Worker(tree: $0) },
            now: context.console.now)
        context.output.write(picture.root.text(context.paint))
        try await context.warnOfStandstill([object])
        return .done
    }
}

/// A plan as a drawing: regions with their pools, workers and tasks, then what no region owns, then sync points.
struct PlanPicture {
    let plan: ExecutionPlan
    let tasks: [WorkTask]
    let points: [SyncPoint]
    let workers: [Worker]
    let now: Timestamp

    var root: Branch {
        let status = plan.status
        var root = Branch(
            "ExecutionPlan \(plan.metadata.name)", status.phase.rawValue, status.summary.map { "\($0.tasks) tasks" })
        var named = Set<String>()
        for entry in plan.spec.regions {
            named.insert(entry.region)
            root.branches.append(region(entry))
        }
        let free = tasks.filter { !named.contains($0.spec.region ?? "") }
        if !free.isEmpty {
            var branch = Branch("Tasks in any region")
            branch.branches = free.map(task)
            root.branches.append(branch)
        }
        if !points.isEmpty {
            var branch = Branch("Sync points")
            branch.branches = points.map {
                Branch($0.metadata.name, $0.status.state.rawValue, "\($0.status.summary?.arrived ?? "0") arrived")
            }
            root.branches.append(branch)
        }
        return root
    }

    private func region(_ entry: PlanRegion) -> Branch {
        var branch = Branch("Region \(entry.region)", nil, entry.orchestrator)
        let name = entry.pool ?? "\(plan.metadata.name)-\(entry.region)"
        let members = workers.filter { $0.spec.pool == name }
        var pool = Branch("WorkerPool \(name)", nil, "\(members.count) \(members.count == 1 ? "worker" : "workers")")
        pool.branches = members.map {
            Branch(
                "Worker \($0.metadata.name)", $0.status.state.rawValue,
                "\($0.status.tasks)/\($0.spec.maxConcurrentTasks) tasks")
        }
        branch.branches = [pool] + tasks.filter { $0.spec.region == entry.region }.map(task)
        return branch
    }

    private func task(_ task: WorkTask) -> Branch {
        let row = RunBoard.row(task)
        var parts: [String] = []
        if !row.worker.isEmpty {
            parts.append("on \(row.worker)\(row.region == (task.spec.region ?? row.region) ? "" : " in \(row.region)")")
        }
        if let duration = row.duration(now) { parts.append(duration.age) }
        if row.attempt > 1 { parts.append("attempt \(row.attempt)") }
        if row.phase == .pending, !row.reason.isEmpty { parts.append(row.reason) }
        return Branch("Task \(row.name)", row.phase.rawValue, parts.joined(separator: ", "))
    }
}

/// A node of a drawn tree: its name, its state, a remark.
struct Branch {
    var name: String
    var state: String?
    var remark: String?
    var branches: [Branch] = []

    init(_ name: String, _ state: String? = nil, _ remark: String? = nil) {
        self.name = Terminal.encode(name)
        self.state = state
        self.remark = remark
    }

    func text(_ paint: Paint) -> TerminalText {
        var rows: [(lead: String, branch: Branch)] = []
        collect("", "", &rows)
        let width = min(60, rows.map { $0.lead.count + $0.branch.name.count }.max() ?? 0)
        return rows.map { row -> TerminalText in
            let name = row.lead + row.branch.name
            let goesOn = row.branch.state != nil || row.branch.remark.map({ !$0.isEmpty }) ?? false
            var line: TerminalText = goesOn ? "\(name.padded(to: width))   " : "\(name)"
            if let state = row.branch.state { line += paint(.of(state: state), state) }
            if let remark = row.branch.remark, !remark.isEmpty {
                line += row.branch.state == nil ? "\(remark)" : ", \(remark)"
            }
            return line
        }.lines()
    }

    private func collect(_ lead: String, _ inner: String, _ rows: inout [(lead: String, branch: Branch)]) {
        rows.append((lead, self))
        for (index, branch) in branches.enumerated() {
            let isLast = index == branches.count - 1
            branch.collect(inner + (isLast ? "└─ " : "├─ "), inner + (isLast ? "   " : "│  "), &rows)
        }
    }
}
