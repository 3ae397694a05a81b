import Tree

extension ExecutionPlanSpec {
    package static let maxTasks = 2000

    /// What the schema can't see: names that don't resolve, cycles, outputs that can't be there. Paths begin
    /// with `spec`; issues come in the order of the manifest. Whether regions, pools and SyncPoint objects
    /// exist is not asked here.
    package func validate() -> [DecodingIssue] {
        var check = PlanCheck(self)
        check.run()
        return check.issues
    }
}

/// One validation of a plan.
private struct PlanCheck {
    let spec: ExecutionPlanSpec
    let taskNames: [String]
    let regionNames: [String]
    /// The tasks with where they stand.
    let entries: [(place: Place, task: PlanTask)]
    var issues: [DecodingIssue] = []

    init(_ spec: ExecutionPlanSpec) {
        self.spec = spec
        var entries: [(place: Place, task: PlanTask)] = []
        entries.reserveCapacity(spec.regions.reduce(spec.tasks.count) { $0 + $1.tasks.count })
        for (region, entry) in spec.regions.enumerated() {
            for (index, task) in entry.tasks.enumerated() {
                entries.append((Place(region: region, index: index), task))
            }
        }
        for (index, task) in spec.tasks.enumerated() { entries.append((Place(region: nil, index: index), task)) }
        self.entries = entries
        taskNames = entries.map { $0.task.name }
        regionNames = spec.regions.map { $0.region }
    }

    /// Where a task stands: most plans are right and never ask for its path.
    struct Place {
        let region: Int?
        let index: Int

        var path: FieldPath {
            guard let region else { return ["spec", "tasks"] + index }
            return ["spec", "regions"] + region + "tasks" + index
        }
    }

    mutating func run() {
        if let coordinator = spec.coordinator, !ObjectName.isValid(coordinator) {
            report(["spec", "coordinator"], "\"\(coordinator)\" is no name of a Region")
        }
        if let cleanup = spec.scheduling.cleanupTimeout, cleanup < .zero {
            report(["spec", "scheduling", "cleanupTimeout"], "can't be negative; 0s is no time to clean up")
        }
        if let timeout = spec.scheduling.timeout, timeout <= .zero {
            report(["spec", "scheduling", "timeout"], "must be longer than 0s; leave it out for no limit")
        }
        checkRegions()
        guard entries.count <= ExecutionPlanSpec.maxTasks else {
            report(
                ["spec"],
                "\(entries.count) tasks; a plan holds at most \(ExecutionPlanSpec.maxTasks), split it")
            return
        }
        checkTasks()
        checkPoints()
        checkFaultTolerance()
        let graph = PlanGraph(spec)
        let cycles = graph.cycles()
        report(cycles, of: graph)
        if cycles.isEmpty { checkOutputs(graph) }
    }

    private mutating func report(_ path: FieldPath, _ message: String) {
        issues.append(DecodingIssue(path: path, message: message))
    }

    private func meant(_ name: String, _ names: [String]) -> String {
        NearestName.suggest(name, among: names).map { "; did you mean \"\($0)\"?" } ?? ""
    }
}

// Regions and tasks.
extension PlanCheck {
    private mutating func checkRegions() {
        var seen = Set<String>()
        for (index, entry) in spec.regions.enumerated() {
            let path: FieldPath = ["spec", "regions"] + index
            if !seen.insert(entry.region).inserted {
                report(
                    path + "region",
                    "region \"\(entry.region)\" is listed twice; put its tasks under one entry")
            }
            if let template = entry.poolTemplate {
                issues += template.issues(at: path + "poolTemplate")
                if !template.region.isEmpty {
                    report(
                        path + "poolTemplate" + "region",
                        "must not be set: the pool is made in \(entry.region)")
                }
            }
            for (number, external) in entry.externals.enumerated() {
                guard let endpoint = external.endpoint,
                    !["tcp://", "http://", "https://"].contains(where: endpoint.hasPrefix)
                else { continue }
                report(
                    path + "externals" + number + "endpoint",
                    "\"\(endpoint)\" can't be checked: write tcp://HOST:PORT, http://… or https://…")
            }
        }
    }

    private mutating func checkTasks() {
        let known = Set(taskNames)
        var seen: [String: Place] = Dictionary(minimumCapacity: entries.count)
        for (place, task) in entries {
            if let first = seen[task.name] {
                report(
                    place.path + "name",
                    "task \"\(task.name)\" is already at \(first.path); names are unique in the whole plan")
            } else {
                seen[task.name] = place
            }
            for (index, name) in task.dependsOn.enumerated() {
                if name == task.name {
                    report(place.path + "dependsOn" + index, "task \"\(name)\" can't depend on itself")
                } else if !known.contains(name) {
                    report(
                        place.path + "dependsOn" + index, "no task \"\(name)\" in this plan\(meant(name, taskNames))")
                }
            }
            checkRun(task, place)
        }
    }

    private mutating func checkRun(_ task: PlanTask, _ place: Place) {
        if task.run.command.first?.isEmpty ?? (task.run.image == nil) {
            report(place.path + "run" + "command", "a task needs a command, such as [sh, -c, \"make\"]")
        }
        issues += task.run.env.issues(at: place.path + "run" + "env")
        if let timeout = task.timeout, timeout <= .zero {
            report(place.path + "timeout", "must be longer than 0s; leave it out for no limit")
        }
        for (index, key) in task.outputs.enumerated() where !OutputReference.isKey(key) {
            report(place.path + "outputs" + index, "\"\(key)\" is no output key: use letters, digits, _ and -")
        }
        if let retry = task.retry { issues += retry.backoff.issues(at: place.path + "retry" + "backoff") }
    }

    private mutating func checkFaultTolerance() {
        let rules = spec.faultTolerance
        let path: FieldPath = ["spec", "faultTolerance"]
        issues += rules.retry.backoff.issues(at: path + "retry" + "backoff")
        if let check = rules.healthCheck { issues += check.issues(at: path + "healthCheck") }
        if rules.circuitBreaker.window <= .zero {
            report(path + "circuitBreaker" + "window", "must be longer than 0s")
        }
    }
}

// Sync points.
extension PlanCheck {
    private mutating func checkPoints() {
        guard let synchronization = spec.synchronization else { return }
        let base: FieldPath = ["spec", "synchronization"]
        issues += synchronization.communication.issues(at: base + "communication")
        let known = Set(taskNames)
        var seen = Set<String>()
        for (index, point) in synchronization.points.enumerated() {
            let path = base + "points" + index
            if !seen.insert(point.name).inserted {
                report(path + "name", "point \"\(point.name)\" is there twice")
            }
            for (number, region) in point.regions.enumerated() where !regionNames.contains(region) {
                report(
                    path + "regions" + number,
                    "no work in region \"\(region)\", so it never arrives\(meant(region, regionNames))"
                )
            }
            for (number, task) in point.after.enumerated() where !known.contains(task) {
                report(path + "after" + number, "no task \"\(task)\" in this plan\(meant(task, taskNames))")
            }
            let parties = point.regions.count + point.plans.count + point.externals.count
            if parties == 0 {
                report(path, "a point needs somebody to wait for: regions, plans or externals")
            }
            if point.quorum > parties {
                report(path + "quorum", "\(point.quorum) of \(parties) parties can never arrive")
            }
        }
    }
}

// What needs the graph.
extension PlanCheck {
    private mutating func report(_ cycles: [[Int]], of graph: PlanGraph) {
        for cycle in cycles {
            let names = (cycle + cycle.prefix(1)).map { graph.names[$0] }.joined(separator: " → ")
            // A cycle has a task in it, since points wait for tasks only, and the first node is one, since
            // tasks stand first.
            guard let first = cycle.first, first < graph.taskCount else { continue }
            let byPoint = cycle.count > 1 && cycle[1] >= graph.taskCount
            let hint =
                cycle.contains { $0 >= graph.taskCount }
                ? "; name the tasks a point waits for in its `after`" : ""
            report(
                entries[first].place.path + (byPoint ? "waitFor" : "dependsOn"), "waits for itself: \(names)\(hint)"
            )
        }
    }

    private mutating func checkOutputs(_ graph: PlanGraph) {
        let places = entries.map { mentions(in: $0.task, $0.place) }
        guard places.contains(where: { !$0.isEmpty }) else { return }
        let ancestors = graph.ancestors()
        for (index, places) in places.enumerated() {
            for mention in places {
                let part = mention.part
                if let problem = mention.problem {
                    report(mention.path, problem)
                } else if case .reference(let reference) = part {
                    check(reference, at: mention.path, ancestors[index], graph)
                } else if case .malformed(let text) = part {
                    report(mention.path, "\"\(text)\" is no reference: write ${tasks.NAME.outputs.KEY}")
                }
            }
        }
    }

    private mutating func check(
        _ reference: OutputReference, at path: @autoclosure () -> FieldPath, _ ancestors: [UInt64], _ graph: PlanGraph
    ) {
        guard let index = graph.index(ofTask: reference.task) else {
            report(
                path(),
                "\(reference.text): no task \"\(reference.task)\" in this plan"
                    + meant(reference.task, taskNames)
            )
            return
        }
        guard ancestors[index / 64] & (1 << UInt64(index % 64)) != 0 else {
            report(
                path(),
                "\(reference.text): add \"\(reference.task)\" to dependsOn, or its outputs may not be there yet"
            )
            return
        }
        let outputs = entries[index].task.outputs
        if !outputs.contains(reference.key) {
            let hint = meant(reference.key, outputs)
            report(
                path(),
                "\(reference.text): task \"\(reference.task)\" lists no output \"\(reference.key)\"\(hint)")
        }
    }

    /// A reference to an output, with what is wrong about its place itself.
    private struct Mention {
        let task: Place
        /// The element of `command`, or of `env`.
        let index: Int
        let isArgument: Bool
        let part: OutputReference.Part
        let problem: String?

        var path: FieldPath {
            let run = task.path + "run"
            return isArgument ? run + "command" + index : run + "env" + index + "value"
        }
    }

    private func mentions(in task: PlanTask, _ place: Place) -> [Mention] {
        var found: [Mention] = []
        func add(_ index: Int, isArgument: Bool, _ part: OutputReference.Part, _ problem: String?) {
            found.append(Mention(task: place, index: index, isArgument: isArgument, part: part, problem: problem))
        }
        for (index, variable) in task.run.env.enumerated() {
            guard let value = variable.value, !OutputReference.isLiteral(value) else { continue }
            for part in OutputReference.parts(of: value) {
                if case .literal = part { continue }
                add(index, isArgument: false, part, nil)
            }
        }
        for (index, argument) in task.run.command.enumerated() {
            if OutputReference.isLiteral(argument) { continue }
            let parts = OutputReference.parts(of: argument)
            for part in parts {
                if case .literal = part { continue }
                var problem: String?
                if parts.count > 1 {
                    problem =
                        "an output must be a whole argument; set it in `env` and use the variable instead"
                } else if index == 0 || RunSpec.isShellScript(at: index, in: task.run.command) {
                    problem = "an output is never run; set it in `env` and use the variable instead"
                }
                add(index, isArgument: true, part, problem)
            }
        }
        return found
    }
}

extension RunSpec {
    /// Whether the argument is text that a shell runs, as the third word of `sh -c TEXT` is.
    static func isShellScript(at index: Int, in command: [String]) -> Bool {
        guard index >= 2, let program = command.first?.split(separator: "/").last else { return false }
        let option = command[index - 1]
        return ["sh", "bash", "dash", "zsh", "ksh", "ash", "fish"].contains(String(program))
            && option.hasPrefix("-")
            && !option.hasPrefix("--") && option.hasSuffix("c")
    }
}
