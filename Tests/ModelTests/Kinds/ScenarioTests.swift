import Model
import Testing
import Tree

/// The two plans that Reconcile ships as examples, in their essence: they are valid as they stand.
struct ScenarioTests {
    private static func task(_ name: String, _ more: [String: Tree] = [:]) -> Tree {
        var task: Tree = ["name": .string(name), "run": ["command": ["sh", "-c", .string("make \(name)")]]]
        for (key, value) in more { task[key] = value }
        return task
    }

    static let commerce: Tree = [
        "apiVersion": "reconcile.dev/v1alpha1", "kind": "ExecutionPlan",
        "metadata": ["name": "global-ecommerce-platform", "namespace": "ecommerce"],
        "spec": [
            "coordinator": "us-east-1",
            "scheduling": [
                "algorithm": "CostOptimized", "maxConcurrentTasks": 6, "timeout": "4h", "maxRegions": 3,
            ],
            "regions": [
                [
                    "region": "us-east-1", "orchestrator": "frontend-orchestrator", "pool": "frontend",
                    "budget": ["perHour": 50],
                    "tasks": [
                        task(
                            "product-catalog-ui",
                            ["requires": ["capabilities": ["frontend"], "cpu": "500m", "memory": "256Mi"]]),
                        task("shopping-cart"),
                        task(
                            "checkout-flow",
                            ["dependsOn": ["shopping-cart"], "waitFor": ["api-contract-agreement"]]),
                    ],
                ],
                [
                    "region": "us-west-2", "orchestrator": "backend-orchestrator", "pool": "backend",
                    "externals": [["name": "aurora-mysql", "type": "Database", "endpoint": "tcp://db:3306"]],
                    "tasks": [
                        task("product-api"), task("order-processing", ["dependsOn": ["product-api"]]),
                        task("payment-integration", ["dependsOn": ["order-processing"]]),
                    ],
                ],
                [
                    "region": "eu-west-1", "orchestrator": "devops-orchestrator", "pool": "devops",
                    "tasks": [
                        task("cicd-pipeline"), task("monitoring", ["waitFor": ["database-sync"]]),
                        task("production-deployment", ["waitFor": ["deployment-sync"]]),
                    ],
                ],
            ],
            "tasks": [],
            "synchronization": [
                "communication": [
                    "method": "MessageQueue", "queue": "factory-orchestrator-sync", "timeout": "300s",
                ],
                "points": [
                    [
                        "name": "api-contract-agreement", "regions": ["us-east-1", "us-west-2"],
                        "after": ["product-api"],
                    ],
                    [
                        "name": "database-sync", "regions": ["us-west-2", "eu-west-1"],
                        "after": ["order-processing"],
                    ],
                    ["name": "deployment-sync", "regions": ["us-east-1", "us-west-2", "eu-west-1"]],
                ],
            ],
            "faultTolerance": [
                "circuitBreaker": ["enabled": true, "failureThreshold": 5, "window": "1m", "openFor": "30s"],
                "healthCheck": ["interval": "30s", "timeout": "10s", "retries": 3],
                "retry": ["limit": 3, "backoff": ["initial": "5s", "factor": 2, "max": "5m"]],
                "killGrace": "10s",
                "failover": [
                    ["strategy": "SameRegion", "priority": 100], ["strategy": "OtherRegion", "priority": 50],
                    ["strategy": "OtherProvider", "priority": 10, "when": ["RegionDown", "NoCapacity"]],
                ],
                "failback": ["policy": "Preferred", "stabilization": "10m", "maxConcurrent": 1],
                "disconnect": ["reconcile": "KeepReplacement"], "alerts": ["webhook": ""],
            ],
            "budget": ["perHour": 150, "perDay": 500, "total": 600, "onExceeded": "Hold"], "scaling": "Auto",
        ],
    ]

    static let platform: Tree = [
        "apiVersion": "reconcile.dev/v1alpha1", "kind": "ExecutionPlan",
        "metadata": ["name": "global-platform", "namespace": "platform"],
        "spec": [
            "coordinator": "global-master",
            "regions": [
                [
                    "region": "eu-central-1", "poolTemplate": ["minWorkers": 5, "maxWorkers": 8],
                    "tasks": [
                        task(
                            "user-data",
                            [
                                "requires": [
                                    "regulations": ["gdpr"],
                                    "dataLocality": ["dataset": "users", "regions": ["eu-central-1"]],
                                ]
                            ])
                    ],
                ],
                [
                    "region": "edge-berlin", "pool": "edge",
                    "tasks": [task("edge-cache", ["requires": ["latency": "Low"]])],
                ],
            ],
            "tasks": [task("analytics", ["dependsOn": ["user-data"], "requires": ["gpu": ["count": 1]]])],
            "budget": ["perDay": 500],
        ],
    ]

    @Test("Valid by schema, rules and meaning", arguments: [commerce, platform])
    func valid(_ tree: Tree) throws {
        #expect(
            Kind.executionPlan.schema.property("spec")?.schema.complaints(about: tree["spec"] ?? [:]) == [])
        #expect(semanticIssues(kind: .executionPlan, tree: tree) == [])
        let plan = try ExecutionPlan(tree: tree)
        let again = try ExecutionPlan(tree: plan.tree)
        #expect(again == plan)
        #expect(again.tree == plan.tree, "defaults are written out once and stay")
    }

    @Test func theCommercePlanIsReadAsItIsMeant() throws {
        let spec = try ExecutionPlan(tree: Self.commerce).spec
        #expect(spec.allTasks.map(\.task.name).count == 9)
        #expect(spec.allTasks[2].region?.region == "us-east-1")
        #expect(spec.budget?.perHour == Money(dollars: 150))
        #expect(spec.scheduling.timeout == .hours(4))
        #expect(spec.faultTolerance.failover.map(\.priority) == [100, 50, 10])
        let graph = PlanGraph(spec)
        #expect(graph.awaited(by: "api-contract-agreement", region: "us-east-1") == ["product-api"])
        #expect(graph.awaited(by: "database-sync", region: "us-west-2") == ["order-processing"])
        #expect(graph.awaited(by: "deployment-sync", region: "eu-west-1") == ["cicd-pipeline", "monitoring"])
    }

    @Test func whatTheCommercePlanAsksForInVainIsNamed() {
        #expect(
            unsupportedFields(in: Self.commerce, of: .executionPlan).map(\.description) == [
                "spec.faultTolerance.healthCheck", "spec.faultTolerance.failback.policy",
            ])
    }
}
