import Controllers
import Model
import Testing
import Tree

/// What is said at apply of a pool most of whose machines can't be used.
@Suite struct PoolAdviceTests {
    private static let region: Tree = [
        "apiVersion": "reconcile.dev/v1alpha1", "kind": "Region", "metadata": ["name": "east"],
        "spec": ["provider": ["aws": ["region": "us-east-1"]]],
    ]

    private static func worker(_ type: String, slots: Int?) -> Tree {
        var worker: Tree = ["type": "CloudVM", "instanceTypes": [.string(type)]]
        if let slots { worker["maxConcurrentTasks"] = .int(Int64(slots)) }
        return worker
    }

    private static func pool(_ worker: Tree) -> Tree {
        [
            "apiVersion": "reconcile.dev/v1alpha1", "kind": "WorkerPool",
            "metadata": ["name": "p", "namespace": "shop"],
            "spec": ["region": "east", "maxWorkers": 1, "worker": worker],
        ]
    }

    static let rows: [(type: String, slots: Int?, isWarnedOf: Bool)] = [
        ("m5.8xlarge", 1, true), ("m5.8xlarge", 16, true), ("m5.8xlarge", 17, false), ("m5.8xlarge", 32, false),
        ("m5.8xlarge", nil, false), ("t3.medium", 1, false), ("t3.large", 1, false), ("m5.xlarge", 1, true),
        ("m5.xlarge", 3, false),
    ]

    @Test(arguments: rows)
    func aMachineThatIsMostlyUnusedIsWarnedOf(_ row: (type: String, slots: Int?, isWarnedOf: Bool)) {
        let warnings = PoolAdvice.warnings(
            .workerPool, Self.pool(Self.worker(row.type, slots: row.slots)), regions: ["east": Self.region])
        #expect(warnings.count == (row.isWarnedOf ? 1 : 0), "\(row.type) with \(row.slots ?? 0): \(warnings)")
        if row.isWarnedOf { #expect(warnings.first?.hasPrefix("spec.worker: \(row.type) has ") == true) }
    }

    @Test func thePoolsThatAPlanMakesAreLookedAtByPlace() {
        let entry: (String, Int?) -> Tree = { type, slots in
            ["region": "east", "poolTemplate": ["maxWorkers": 1, "worker": Self.worker(type, slots: slots)]]
        }
        let plan: Tree = [
            "apiVersion": "reconcile.dev/v1alpha1", "kind": "ExecutionPlan",
            "metadata": ["name": "x", "namespace": "shop"],
            "spec": ["regions": [entry("t3.large", 1), entry("m5.8xlarge", 1), ["region": "east", "pool": "p"]]],
        ]
        let warnings = PoolAdvice.warnings(.executionPlan, plan, regions: ["east": Self.region])
        #expect(warnings.count == 1 && warnings[0].hasPrefix("spec.regions[1].poolTemplate.worker: m5.8xlarge has 32 "))
    }

    @Test func nothingIsSaidWithoutTheRegionOrOfWhatCantBeRead() {
        let pool = Self.pool(Self.worker("m5.8xlarge", slots: 1))
        #expect(PoolAdvice.warnings(.workerPool, pool, regions: [:]).isEmpty)
        #expect(PoolAdvice.warnings(.workerPool, ["spec": 1], regions: ["east": Self.region]).isEmpty)
        #expect(PoolAdvice.warnings(.region, Self.region, regions: ["east": Self.region]).isEmpty)
    }
}
