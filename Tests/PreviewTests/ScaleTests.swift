import Model
import Preview
import Testing

/// Plans of every shape are previewed to their end, whatever their size.
@Suite struct ScaleTests {
    static func plan(
        _ tasks: String, pool: String = "minWorkers: 0, maxWorkers: 50", slots: Int = 8, price: String = "1"
    ) -> String {
        """
        apiVersion: reconcile.dev/v1alpha1
        kind: Region
        metadata: {name: here}
        spec: {provider: {local: {}}}
        ---
        apiVersion: reconcile.dev/v1alpha1
        kind: WorkerPool
        metadata: {name: hands, namespace: shop}
        spec:
          region: here
          \(pool.replacing(", ", with: "\n  "))
          worker: {maxConcurrentTasks: \(slots), costPerHour: \(price), resources: {cpu: \(slots), memory: 64Gi}}
        ---
        apiVersion: reconcile.dev/v1alpha1
        kind: ExecutionPlan
        metadata: {name: work, namespace: shop}
        spec:
          regions:
            - region: here
              pool: hands
              tasks:
        \(tasks)
        """
    }

    static func wide(_ count: Int, _ length: String = "10m") -> String {
        (0..<count).map { "        - {name: t\($0), run: {command: [go]}, estimatedDuration: \(length)}" }
            .joined(separator: "\n")
    }

    static func chain(_ count: Int, _ length: String = "1h") -> String {
        (0..<count).map { index in
            let after = index == 0 ? "" : ", dependsOn: [t\(index - 1)]"
            return "        - {name: t\(index), run: {command: [go]}, estimatedDuration: \(length)\(after)}"
        }.joined(separator: "\n")
    }

    @Test(arguments: [
        (tasks: wide(350), slots: 1, pool: "minWorkers: 0, maxWorkers: 1000", end: Duration.minutes(10)),
        (tasks: wide(350), slots: 8, pool: "minWorkers: 0, maxWorkers: 5", end: .minutes(90)),
        (tasks: chain(40), slots: 1, pool: "minWorkers: 0, maxWorkers: 10", end: .hours(40)),
    ])
    func aPlanOfAnySizeIsPreviewedToItsEnd(_ row: (tasks: String, slots: Int, pool: String, end: Duration)) throws {
        let report = Preview.run(try Inputs.request(Self.plan(row.tasks, pool: row.pool, slots: row.slots)))
        #expect(report.plans.map(\.phase) == [.succeeded], "\(report.notes) \(report.pending.prefix(2))")
        let end = try #require(report.end)
        #expect(end >= row.end && end < row.end + .minutes(1), "\(end.text)")
    }
}
