import Model

// Plans as people write them.
extension WideScript {
    mutating func plan(_ name: String, tasks count: Int) -> ExecutionPlan {
        var spec = ExecutionPlanSpec()
        if chance.percent(5) { spec.coordinator = regions[0].name }
        spec.suspend = chance.percent(3)
        spec.cancel = chance.percent(1)
        spec.scheduling = scheduling()
        spec.faultTolerance = faultTolerance()
        if chance.percent(12) { spec.budget = budget(price: Money(dollars: 1)) }
        spec.scaling = chance.percent(8) ? .manual : .auto
        spec.regions = entries()
        let cut = count > 1 && chance.percent(35) ? chance.within(1...count - 1) : nil
        var written: [PlanTask] = []
        for index in 0..<count {
            var task = task(index, after: written)
            if let cut, index >= cut, index == cut || chance.percent(30) { task.waitFor = ["gate"] }
            if cut != nil, index == count - 1, chance.percent(20) { task.waitFor.append("second") }
            written.append(task)
            if spec.regions.isEmpty || chance.percent(15) {
                spec.tasks.append(task)
            } else {
                spec.regions[chance.below(spec.regions.count)].tasks.append(task)
            }
        }
        if let cut { spec.synchronization = synchronization(spec, cut: cut, written: written) }
        return ExecutionPlan(metadata: metadata(name, Scenario.namespace), spec: spec)
    }

    private mutating func entries() -> [PlanRegion] {
        var entries: [PlanRegion] = []
        for (index, region) in regions.enumerated() where index == 0 || chance.percent(75) {
            var entry = PlanRegion()
            entry.region = region.name
            let here = pools.filter { $0.region == index && $0.namespace == Scenario.namespace }
            if chance.percent(12) {
                var template = poolSpec(of: region.kind)
                // Nobody takes a short age out of it again.
                if template.disruption.expireAfter != nil { template.disruption.expireAfter = .hours(24) }
                entry.poolTemplate = template
            } else if chance.percent(2) {
                entry.pool = "missing"
            } else {
                entry.pool = here.isEmpty ? "pool-0" : chance.pick(here.map(\.name))
            }
            if chance.percent(5) { entry.orchestrator = "the night shift" }
            if chance.percent(10) { entry.budget = budget(price: Money(dollars: 1)) }
            if chance.percent(10) { entry.externals = (0..<chance.within(1...2)).map { external($0) } }
            entries.append(entry)
        }
        return entries
    }

    private mutating func external(_ index: Int) -> External {
        var external = External()
        external.name = "outside-\(index)"
        external.type = chance.pick(External.ExternalType.allCases)
        let endpoints = ["tcp://db:5432", "http://cache:80", "https://late.example", "http://down.example"]
        if chance.percent(80) { external.endpoint = chance.pick(endpoints) }
        if chance.percent(30) { external.nodes = chance.around(0...1_000_000, usual: 3) }
        return external
    }

    private mutating func scheduling() -> Scheduling {
        var scheduling = Scheduling()
        scheduling.algorithm = chance.pick(SchedulingAlgorithm.allCases)
        if chance.percent(20) { scheduling.maxConcurrentTasks = chance.pick([1, 1, 2, 3, 10_000]) }
        if chance.percent(12) { scheduling.timeout = chance.seconds(5, 10, 20, 40) }
        if chance.percent(10) { scheduling.cleanupTimeout = chance.seconds(0, 1, 5, 20) }
        if chance.percent(15) { scheduling.maxRegions = chance.around(1...64, usual: 3) }
        if chance.percent(15) {
            scheduling.weights.latency = chance.around(0...1000, usual: 1)
            scheduling.weights.cost = chance.around(0...1000, usual: 1)
            scheduling.weights.availability = chance.around(0...1000, usual: 1)
        }
        return scheduling
    }

    private mutating func faultTolerance() -> FaultTolerance {
        var rules = FaultTolerance()
        rules.autoFailover = !chance.percent(8)
        rules.killGrace = chance.seconds(1, 2, 5, 10, 15)
        rules.retry = retry()
        if chance.percent(15) {
            rules.circuitBreaker.enabled = chance.percent(70)
            rules.circuitBreaker.failureThreshold = chance.around(1...1000, usual: 5)
            rules.circuitBreaker.window = chance.seconds(1, 60)
            rules.circuitBreaker.openFor = chance.seconds(0, 1, 30)
        }
        if chance.percent(4) { rules.healthCheck = healthCheck() }
        if chance.percent(30) {
            for _ in 0..<chance.within(1...3) { rules.failover.append(failoverRule()) }
        }
        if chance.percent(8) {
            rules.failback.policy = chance.pick([.never, .whenIdle, .preferred])
            rules.failback.stabilization = chance.seconds(0, 10, 600)
            rules.failback.maxConcurrent = chance.around(1...1000, usual: 1)
        }
        if chance.percent(4) {
            rules.disconnect.reconcile = chance.pick([.keepOriginal, .keepReplacement, .longestRunning])
        }
        if chance.percent(3) {
            var alerts = Alerts()
            alerts.webhook = "https://alerts.example"
            rules.alerts = alerts
        }
        return rules
    }

    private mutating func failoverRule() -> FailoverRule {
        var rule = FailoverRule()
        rule.strategy = chance.pick([.sameRegion, .otherRegion, .otherProvider])
        rule.priority = chance.around(-1_000_000...1_000_000, usual: 1)
        rule.when = chance.some([.workerLost, .regionDown, .noCapacity], 40)
        return rule
    }

    private mutating func retry() -> RetryPolicy {
        var retry = RetryPolicy()
        retry.limit = chance.pick([0, 1, 2, 3])
        retry.backoff.initial = chance.seconds(0, 1, 1, 2, 6)
        retry.backoff.factor = chance.pick([1, 2, 2, 3])
        retry.backoff.max = max(retry.backoff.initial, chance.seconds(0, 2, 8, 15))
        return retry
    }
}

// Tasks.
extension WideScript {
    private mutating func task(_ index: Int, after written: [PlanTask]) -> PlanTask {
        var task = PlanTask()
        task.name = "t\(index)"
        if chance.percent(4) { task.title = "The task no. \(index)" }
        task.run.command = work()
        for other in written where chance.percent(written.count < 4 ? 35 : 18) { task.dependsOn.append(other.name) }
        if let source = written.first(where: { $0.outputs.contains("result") && task.dependsOn.contains($0.name) }) {
            task.run.env = [variable("INPUT", value: "${tasks.\(source.name).outputs.result}")]
        }
        if chance.percent(15) { task.outputs = ["result"] }
        if chance.percent(3) { task.run.env.append(secretVariable()) }
        if chance.percent(3) { task.run.workingDirectory = "/work" }
        if chance.percent(2) { task.run.image = "debian:stable-slim" }
        if task.run.image != nil, chance.percent(50) { task.run.network = chance.pick([.bridge, .loopback]) }
        if !task.dependsOn.isEmpty, chance.percent(18) { task.runWhen = chance.pick([.failed, .always]) }
        task.exclusive = chance.percent(25)
        task.priority = chance.percent(10) ? chance.around(-1_000_000...1_000_000, usual: 1) : chance.below(3)
        if chance.percent(15) { task.timeout = chance.seconds(1, 2, 4, 8) }
        if chance.percent(20) { task.retry = retry() }
        if chance.percent(25) { task.estimatedDuration = chance.seconds(0, 1, 10, 3600) }
        if chance.percent(20) { task.requires = requirements() }
        return task
    }

    /// `work FOR FAILURES`: how many milliseconds it runs, and how many ends are failures before it succeeds.
    private mutating func work() -> [String] {
        let length = chance.below(10)
        let lengths = length < 3 ? 100...1000 : length < 9 ? 1000...6000 : 6000...(isSmall ? 9000 : 25_000)
        if chance.percent(1) { return ["work", "\(chance.within(100...2000))", Work.poison] }
        let failures = chance.percent(80) ? 0 : chance.pick([1, 1, 2, 3, Work.always])
        return ["work", "\(chance.within(lengths))", "\(failures)"]
    }

    func secretVariable() -> EnvironmentVariable {
        var variable = EnvironmentVariable()
        variable.name = "PASSWORD"
        var reference = SecretKeyReference()
        reference.name = Self.secretKey.name
        reference.key = "password"
        variable.secretRef = reference
        return variable
    }

    private mutating func requirements() -> Requirements {
        var requires = Requirements()
        if chance.percent(15) { requires.capabilities = chance.some(["gpu", "ssd"], 40) }
        if chance.percent(30) { requires.cpu = Quantity(chance.pick(["0", "500m", "1", "4"])) }
        if chance.percent(20) { requires.memory = .mebibytes(Int64(chance.pick([0, 256, 1024]))) }
        if chance.percent(5) { requires.storage = .gibibytes(Int64(chance.pick([0, 1, 10]))) }
        if chance.percent(5) { requires.networkMbps = chance.pick([0, 100, 1000, 10_000_000]) }
        if chance.percent(4) {
            var gpu = GPU()
            gpu.count = chance.pick([0, 1, 64])
            if chance.percent(50) { gpu.model = "nvidia-t4" }
            requires.gpu = gpu
        }
        if chance.percent(15) { requires.latency = chance.pick([.low, .standard]) }
        if chance.percent(12) { requires.regulations = chance.some(["gdpr", "ccpa"], 50) }
        if chance.percent(8) {
            var locality = DataLocality()
            if chance.percent(50) { locality.dataset = "orders" }
            locality.regions = chance.some(regions.map(\.name), 60)
            requires.dataLocality = locality
        }
        if chance.percent(12) { requires.maxCostPerHour = chance.dollars("0", "1", "4.999999", "5", "3600") }
        if chance.percent(10) {
            var filter = RegionFilter()
            filter.include = chance.some(regions.map(\.name), 50)
            filter.exclude = chance.some(regions.map(\.name), 25)
            requires.regions = filter
        }
        return requires
    }
}
