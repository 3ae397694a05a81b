import Model
import Preview
import Testing

/// What is rented is what is paid, and what comes next keeps its worker.
@Suite struct BillTests {
    private func close(_ a: Money, _ b: Money) -> Bool { abs(a.micros - b.micros) * 100 <= max(a.micros, b.micros) }

    @Test func aChainOfHoursNeedsOneWorkerAndNoMore() throws {
        let report = Preview.run(
            try Inputs.request(
                ScaleTests.plan(ScaleTests.chain(8), pool: "minWorkers: 0, maxWorkers: 10", slots: 1, price: "2")))
        let end = try #require(report.end)
        #expect(end >= .hours(8) && end < .hours(8) + .minutes(1), "\(end.text)")
        #expect(report.changes.count { $0.key.kind == .worker && $0.action == .create } == 1)
        #expect(close(report.cost, report.pools[0].spent), "\(report.cost) \(report.pools[0].spent)")
        #expect(report.cost > Money(dollars: 16) && report.cost < Money("16.3") ?? .zero, "the cooldown is paid too")
        #expect(close(report.share, Money(dollars: 16)), "\(report.share)")
    }

    @Test func theBillIsWhatThePoolCosts() throws {
        for slots in [1, 4, 10] {
            let report = Preview.run(
                try Inputs.request(
                    ScaleTests.plan(
                        ScaleTests.wide(8, "5s"), pool: "minWorkers: 0, maxWorkers: 8", slots: slots,
                        price: "3600")))
            #expect(report.plans.map(\.phase) == [.succeeded])
            #expect(close(report.cost, report.pools[0].spent), "\(slots): \(report.cost) \(report.pools[0].spent)")
            #expect(report.cost > report.share)
        }
    }

    @Test func oneTaskAlonePaysForItsWorker() throws {
        let report = Preview.run(
            try Inputs.request(
                ScaleTests.plan(ScaleTests.wide(1, "1h"), pool: "minWorkers: 0, maxWorkers: 1", slots: 10, price: "1")))
        #expect(report.cost >= Money(dollars: 1), "\(report.cost)")
        #expect(close(report.share, Money("0.1") ?? .zero), "\(report.share)")
    }

    @Test(arguments: [
        (budget: "{perHour: 1}", workers: 0, because: "a worker costs five"),
        (budget: "{perHour: 5}", workers: 1, because: "one, whatever of it is used"),
        (budget: "{perHour: \"9.99\"}", workers: 1, because: "the second would pass the cap"),
        (budget: "{perHour: 10}", workers: 2, because: "both"),
    ])
    func aPlansBudgetCountsWhatIsRentedForIt(_ row: (budget: String, workers: Int, because: String)) throws {
        let text = ScaleTests.plan(
            ScaleTests.wide(20), pool: "minWorkers: 0, maxWorkers: 9", slots: 10, price: "5")
        let whole = Preview.run(
            try Inputs.request(text.replacing("spec:\n  regions:", with: "spec:\n  budget: \(row.budget)\n  regions:")))
        #expect(
            whole.pools.map(\.workersAfter) == [row.workers], "\(row.because): \(whole.pending.first?.message ?? "")")
        #expect(whole.rateAfter == Money(dollars: Int64(5 * row.workers)))
        if row.workers == 0 { #expect(whole.pending.first?.reason == .budgetExceeded) }
        let region = Preview.run(
            try Inputs.request(
                text.replacing("      pool: hands", with: "      pool: hands\n      budget: \(row.budget)")))
        #expect(region.pools.map(\.workersAfter) == [row.workers], "the same for a region of the plan: \(row.because)")
    }

    @Test func theLongestChainGoesFirstHoweverItIsListed() throws {
        let short = (0..<160).map { "        - {name: s\($0), run: {command: [go]}, estimatedDuration: 1m}" }
        let long = (0..<10).map { index in
            let after = index == 0 ? "" : ", dependsOn: [c\(index - 1)]"
            return "        - {name: c\(index), run: {command: [go]}, estimatedDuration: 1m\(after)}"
        }
        for tasks in [short + long, long + short] {
            let report = Preview.run(
                try Inputs.request(
                    ScaleTests.plan(tasks.joined(separator: "\n"), pool: "minWorkers: 1, maxWorkers: 1", slots: 16)))
            let end = try #require(report.end)
            #expect(end < .minutes(11) + .seconds(30), "\(end.text)")
        }
    }

    @Test func aTaskIsAsUrgentAsWhatWaitsForIt() throws {
        var tasks = (0..<8).map {
            "        - {name: middle\($0), run: {command: [go]}, estimatedDuration: 1m, priority: 5}"
        }
        tasks.append("        - {name: low, run: {command: [go]}, estimatedDuration: 1m}")
        tasks.append(
            "        - {name: high, run: {command: [go]}, estimatedDuration: 1m, priority: 9, dependsOn: [low]}")
        let report = Preview.run(
            try Inputs.request(
                ScaleTests.plan(tasks.joined(separator: "\n"), pool: "minWorkers: 1, maxWorkers: 1", slots: 1)))
        let order = report.placements.map(\.task.name)
        #expect(order.prefix(2) == ["work-low", "work-high"], "\(order)")
    }

    @Test func tasksOfTwoSizesFillTheirWorkers() throws {
        let tasks = (0..<80).map { index in
            let cpu = index.isMultiple(of: 2) ? "5" : "100m"
            return
                "        - {name: t\(index), run: {command: [go]}, estimatedDuration: 10m, requires: {cpu: \(cpu)}}"
        }
        for algorithm in SchedulingAlgorithm.allCases {
            let text = ScaleTests.plan(tasks.joined(separator: "\n"), pool: "minWorkers: 0, maxWorkers: 100", slots: 50)
                .replacing("cpu: 50", with: "cpu: 10")
                .replacing(
                    "spec:\n  regions:", with: "spec:\n  scheduling: {algorithm: \(algorithm.rawValue)}\n  regions:")
            let report = Preview.run(try Inputs.request(text))
            #expect(report.plans.map(\.phase) == [.succeeded])
            #expect(
                report.pools.map(\.workersAfter) == [21], "forty of five processors, two on each, and the small ones")
        }
    }

    static let cloud = """
        apiVersion: reconcile.dev/v1alpha1
        kind: Region
        metadata: {name: us-east-1}
        spec: {provider: {aws: {region: us-east-1}}}
        ---
        apiVersion: reconcile.dev/v1alpha1
        kind: WorkerPool
        metadata: {name: vms, namespace: shop}
        spec:
          region: us-east-1
          minWorkers: 0
          maxWorkers: 20
          worker: {type: CloudVM, WORKER}
        ---
        apiVersion: reconcile.dev/v1alpha1
        kind: ExecutionPlan
        metadata: {name: work, namespace: shop}
        spec:
          regions:
            - region: us-east-1
              pool: vms
              tasks:
        TASKS
        """

    private func rented(_ worker: String, _ tasks: [String]) throws -> PreviewReport {
        let lines = tasks.enumerated().map {
            "        - {name: t\($0), run: {command: [go]}, estimatedDuration: 10m, requires: {\($1)}}"
        }
        let text = Self.cloud.replacing("WORKER", with: worker).replacing(
            "TASKS", with: lines.joined(separator: "\n"))
        return Preview.run(try Inputs.request(text))
    }

    @Test func theTypeFollowsTheTasks() throws {
        let big = try rented("instanceTypes: [t3.medium, m5.8xlarge]", ["cpu: 16", "cpu: 1", "cpu: 1"])
        #expect(big.plans.map(\.phase) == [.succeeded], "\(big.pending.map(\.message))")
        #expect(big.rateAfter >= Money("1.536") ?? .zero, "the big one was rented: \(big.rateAfter)")
        let small = try rented("instanceTypes: [t3.medium, m5.8xlarge]", ["cpu: 1"])
        #expect(small.rateAfter < Money("0.1") ?? .zero, "and where it is not needed it is not: \(small.rateAfter)")
        let unnamed = try rented("capabilities: []", ["cpu: 8, memory: 16Gi"])
        #expect(unnamed.plans.map(\.phase) == [.succeeded], "\(unnamed.pending.map(\.message))")
    }

    @Test func whatIsRentedIsWhatCounts() throws {
        let large = try rented("instanceTypes: [t3.large], resources: {cpu: 1, memory: 8Gi}", ["cpu: 1", "cpu: 1"])
        #expect(large.pools.map(\.workersAfter) == [1], "a t3.large has two processors, so two slots")
        let idle = try rented(
            "instanceTypes: [m5.8xlarge], maxConcurrentTasks: 1", (0..<4).map { _ in "cpu: 1" })
        #expect(idle.pools.map(\.workersAfter) == [4], "as it says")
        #expect(idle.notes.contains { $0.text.contains("m5.8xlarge has 32 processors") }, "\(idle.notes)")
        let whole = try rented("instanceTypes: [m5.8xlarge]", (0..<16).map { _ in "cpu: 1" })
        #expect(whole.pools.map(\.workersAfter) == [1])
        #expect(!whole.notes.contains { $0.text.contains("processors") })
    }

    @Test func tasksWithoutARegionAreEstimatedAndBilledAlike() throws {
        let text = ScaleTests.plan(
            ScaleTests.wide(8, "1h"), pool: "minWorkers: 2, maxWorkers: 2", slots: 4, price: "2")
        let free = text.replacing("  regions:\n    - region: here\n      pool: hands\n      tasks:", with: "  tasks:")
        let listed = Preview.run(try Inputs.request(text))
        let roaming = Preview.run(try Inputs.request(free))
        #expect(listed.end == roaming.end, "\(listed.end?.text ?? "") \(roaming.end?.text ?? "")")
        #expect(close(listed.cost, roaming.cost), "\(listed.cost) \(roaming.cost)")
        #expect(roaming.cost > Money("3.9") ?? .zero)
        let estimate = try #require(roaming.plans.first?.estimate?.p50)
        let expected = try #require(listed.plans.first?.estimate?.p50)
        #expect(abs((estimate - expected).milliseconds) < 60_000)
    }
}
