import Model
import Testing
import Tree

struct RulesTests {
    @Test(
        "Exactly one provider",
        arguments: [
            (["local": [:]], true, "one"), ([:], false, "none"), (["local": [:], "edge": [:]], false, "two"),
            (["aws": ["region": "us-east-1"]], true, "one with settings"),
        ] as [(Tree, Bool, String)])
    func providers(_ provider: Tree, _ holds: Bool, because: String) {
        #expect(ProviderSpec.shape.rules.allSatisfy { $0.holds(provider, nil) } == holds, "\(because)")
    }

    @Test(
        "Exactly one participant",
        arguments: [
            (["region": "a"], true), (["external": "a"], true), ([:], false),
            (["region": "a", "plan": "b"], false),
        ] as [(Tree, Bool)])
    func participants(_ participant: Tree, _ holds: Bool) {
        #expect(Participant.shape.rules.allSatisfy { $0.holds(participant, nil) } == holds)
    }

    @Test(
        "Exactly one of pool and poolTemplate",
        arguments: [
            (["pool": "a"], true), (["poolTemplate": [:]], true), ([:], false),
            (["pool": "a", "poolTemplate": [:]], false),
        ] as [(Tree, Bool)])
    func pools(_ entry: Tree, _ holds: Bool) {
        #expect(PlanRegion.shape.rules.allSatisfy { $0.holds(entry, nil) } == holds)
    }

    @Test(
        "min ≤ max",
        arguments: [
            (["minWorkers": 1, "maxWorkers": 1], true), (["minWorkers": 2, "maxWorkers": 1], false),
            ([:], true),
        ] as [(Tree, Bool)])
    func sizes(_ pool: Tree, _ holds: Bool) {
        #expect(WorkerPoolSpec.shape.rules.allSatisfy { $0.holds(pool, nil) } == holds)
    }

    @Test(
        "What never changes",
        arguments: [
            (WorkerPoolSpec.schema, "region"), (WorkerSpec.schema, "pool"), (WorkerSpec.schema, "slot"),
            (WorkerSpec.schema, "attempt"), (WorkerSpec.schema, "region"),
        ])
    func immutable(_ schema: Schema, _ field: String) throws {
        let rule = try #require(schema.property(field)?.schema.rules.first)
        #expect(rule.cel == "self == oldSelf")
        #expect(rule.holds("a", nil), "creation")
        #expect(rule.holds("a", "a"))
        #expect(!rule.holds("a", "b"))
    }

    @Test func aTaskIsWrittenOnce() throws {
        let rule = try #require(TaskSpec.shape.rules.first)
        #expect(rule.holds(["task": "a"], ["task": "a"]))
        #expect(!rule.holds(["task": "a"], ["task": "b"]))
        #expect(
            WorkerSpec.schema.property("maintenance")?.schema.rules.isEmpty == true,
            "the one field people set")
    }
}

struct UnsupportedFieldsTests {
    @Test(
        "What is kept without effect is named; what is asked for and works is not",
        arguments: [
            (
                .workerPool, ["worker": ["spot": ["enabled": true]]], ["spec.worker.spot"],
                "the block as a whole"
            ),
            (.workerPool, ["disruption": ["consolidate": true]], ["spec.disruption.consolidate"], "a value"),
            (.workerPool, ["disruption": ["consolidate": false]], [], "the value that is the case"),
            (.workerPool, ["budget": ["onExceeded": "Hold"]], [], "the value that works"),
            (
                .workerPool, ["budget": ["onExceeded": "Stop"]], ["spec.budget.onExceeded"],
                "a value that does not"
            ),
            (.workerPool, ["healthCheck": .null], [], "null is absence"),
            (.region, ["provider": ["aws": ["region": "a"]]], [], "providers are rehearsed"),
            (
                .executionPlan,
                ["regions": [["tasks": []], ["poolTemplate": ["worker": ["spot": ["enabled": true]]]]]],
                ["spec.regions[1].poolTemplate.worker.spot"], "deep in lists"
            ),
            (.executionPlan, ["faultTolerance": ["alerts": ["webhook": ""]]], [], "nothing is asked for"),
            (
                .executionPlan,
                [
                    "faultTolerance": [
                        "failback": ["policy": "Preferred"], "disconnect": ["reconcile": "KeepOriginal"],
                    ]
                ],
                ["spec.faultTolerance.failback.policy", "spec.faultTolerance.disconnect.reconcile"],
                "two values"
            ),
            (
                .executionPlan, ["synchronization": ["communication": ["method": "MessageQueue"]]], [],
                "served by the queue in the store"
            ),
        ] as [(Kind, Tree, [String], String)])
    func fields(_ kind: Kind, _ spec: Tree, _ expected: [String], because: String) {
        #expect(unsupportedFields(in: ["spec": spec], of: kind).map(\.description) == expected, "\(because)")
    }
}
