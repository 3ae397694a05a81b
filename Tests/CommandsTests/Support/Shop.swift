/// A plan half way through: two regions, one recovery, a task that waits, a sync point that is open.
enum Shop {
    static let state = """
        apiVersion: reconcile.dev/v1alpha1
        kind: Region
        metadata: {name: east}
        spec: {regulations: [ccpa], latency: 20ms, provider: {local: {}}}
        status: {provider: local, workers: 2, readyWorkers: 2, costPerHour: "0.2", conditions: [{type: Ready, status: "True", reason: ProviderReady, message: "local processes", lastTransitionTime: "2026-11-23T17:50:00Z", observedGeneration: 1}], circuits: [{errorClass: capacity, state: Open, failures: 5, since: "2026-11-23T17:59:00Z"}]}
        ---
        apiVersion: reconcile.dev/v1alpha1
        kind: Region
        metadata: {name: west}
        spec: {regulations: [gdpr], provider: {local: {}}}
        ---
        apiVersion: reconcile.dev/v1alpha1
        kind: WorkerPool
        metadata: {name: front, namespace: shop}
        spec: {region: east, minWorkers: 1, maxWorkers: 3, worker: {capabilities: [frontend], maxConcurrentTasks: 2}}
        status: {replicas: 2, desiredReplicas: 2, readyReplicas: 2, busyReplicas: 1, backend: Process, choice: "local regions make processes; Local at $0.1/h", costPerHour: "0.2", price: {perHour: "0.1", source: costPerHour of the pool}, lastScale: {time: "2026-11-23T17:55:00Z", from: 1, to: 2, reason: 3 tasks wait}}
        ---
        apiVersion: reconcile.dev/v1alpha1
        kind: Worker
        metadata: {name: front-0, namespace: shop}
        spec: {pool: front, region: east, slot: 0, maxConcurrentTasks: 2, capabilities: [frontend], resources: {cpu: 2, memory: 2Gi}, price: {perHour: "0.1", source: costPerHour of the pool}}
        status: {state: Busy, tasks: 2, health: 90, healthReason: one late report, providerID: "process:b/100/5", onlineAt: "2026-11-23T17:50:00Z", summary: {load: 2/2, cost: $0.10, health: "90"}}
        ---
        apiVersion: reconcile.dev/v1alpha1
        kind: Worker
        metadata: {name: front-1, namespace: shop}
        spec: {pool: front, region: east, slot: 1, maxConcurrentTasks: 2, price: {perHour: "0.1"}}
        status: {state: Online, tasks: 0, summary: {load: 0/2, cost: $0.10, health: "100"}}
        ---
        apiVersion: reconcile.dev/v1alpha1
        kind: ExecutionPlan
        metadata: {name: shop, namespace: shop, labels: {team: web}}
        spec:
          scheduling: {algorithm: CostOptimized, maxConcurrentTasks: 6}
          budget: {perHour: 150, total: 600}
          regions:
            - region: east
              orchestrator: frontend-orchestrator
              pool: front
              tasks:
                - {name: cart, run: {command: [sh, -c, make cart]}}
                - {name: checkout, run: {command: [sh, -c, make checkout]}, dependsOn: [cart]}
            - region: west
              pool: back
              tasks:
                - {name: api, run: {command: [make]}, requires: {regulations: [gdpr]}}
          tasks:
            - {name: notify, run: {command: [make]}, dependsOn: [checkout, api], waitFor: [agreed]}
          synchronization: {points: [{name: agreed, regions: [east, west]}]}
        status:
          observedGeneration: 1
          phase: Running
          reason: Running
          message: 1 of 4 tasks finished, 2 running
          executionID: 77aa-1
          startedAt: "2026-11-23T17:55:00Z"
          counts: {total: 4, pending: 1, assigned: 0, running: 2, succeeded: 1, failed: 0, timedOut: 0, cancelled: 0}
          estimatedCompletion: {p50: "2026-11-23T18:10:00Z", p90: "2026-11-23T18:20:00Z"}
          cost: {ratePerHour: "0.2", accrued: "0.017", estimatedTotal: "0.05", savingsPercent: 40, baseline: the dearest feasible worker}
          summary: {tasks: 1/4, running: "2", cost: $0.02}
          placement: {strategy: CostOptimized, workers: [back-0, front-0]}
          regions:
            - {region: east, tasks: 2, running: 1, succeeded: 1, cost: "0.01", score: "2.31", terms: "latency 0.80 × 1 + cost 0.52 × 1 + availability 0.99 × 1"}
            - {region: west, tasks: 1, running: 1, succeeded: 0, cost: "0.007"}
          recoveries:
            - {worker: back-1, workerUID: u, region: west, reason: LeaseExpired, lastSeen: "2026-11-23T17:56:00Z", detected: "2026-11-23T17:56:12Z", fenced: "2026-11-23T17:56:12Z", rescheduled: "2026-11-23T17:56:12.500Z", running: "2026-11-23T17:56:13.400Z", downtimeSeconds: "13.4", tasks: [api], regions: [west], cost: "0.002"}
          conditions:
            - {type: Succeeded, status: Unknown, reason: Running, message: "1 of 4 tasks finished, 2 running", lastTransitionTime: "2026-11-23T17:55:00Z", observedGeneration: 1}
        ---
        apiVersion: reconcile.dev/v1alpha1
        kind: Task
        metadata: {name: shop-cart, namespace: shop, labels: {reconcile.dev/plan: shop}}
        spec: {plan: shop, task: cart, region: east, pool: front, run: {command: [sh, -c, make cart]}}
        status: {phase: Succeeded, reason: Completed, attempt: 1, startedAt: "2026-11-23T17:55:05Z", finishedAt: "2026-11-23T17:57:05Z", exitCode: 0, cost: "0.0034", assignment: {worker: front-0, region: east, pool: front}}
        ---
        apiVersion: reconcile.dev/v1alpha1
        kind: Task
        metadata: {name: shop-checkout, namespace: shop, labels: {reconcile.dev/plan: shop}}
        spec: {plan: shop, task: checkout, region: east, pool: front, run: {command: [sh, -c, make checkout]}, dependsOn: [cart]}
        status: {phase: Running, reason: Running, attempt: 1, startedAt: "2026-11-23T17:57:10Z", cost: "0.0066", assignment: {worker: front-0, region: east, pool: front}}
        ---
        apiVersion: reconcile.dev/v1alpha1
        kind: Task
        metadata: {name: shop-api, namespace: shop, labels: {reconcile.dev/plan: shop}}
        spec: {plan: shop, task: api, region: west, pool: back, run: {command: [make]}, requires: {regulations: [gdpr], cpu: 500m, capabilities: [backend]}, retry: {limit: 3}}
        status:
          phase: Running
          reason: Running
          attempt: 2
          fence: 2
          startedAt: "2026-11-23T17:56:13Z"
          cost: "0.007"
          assignment: {worker: back-0, region: west, pool: back}
          attempts: [{attempt: 1, fence: 1, worker: back-1, region: west, phase: Failed, reason: WorkerLost, message: no report for 12s, startedAt: "2026-11-23T17:55:05Z", finishedAt: "2026-11-23T17:56:12Z", cost: "0.002"}]
          placement: {strategy: CostOptimized, considered: 5, chosen: {worker: back-0, score: "0.91", reason: cheapest that fits}, rejected: [{worker: back-2, score: "0.80", reason: costs more}], rejections: {"region (must be west)": 2, "state (Offline)": 1}}
        ---
        apiVersion: reconcile.dev/v1alpha1
        kind: Task
        metadata: {name: shop-notify, namespace: shop, labels: {reconcile.dev/plan: shop}}
        spec: {plan: shop, task: notify, run: {command: [make]}, dependsOn: [checkout, api], waitFor: [shop-agreed]}
        status: {phase: Pending, reason: WaitingForDependencies, message: "waits for checkout, api"}
        ---
        apiVersion: reconcile.dev/v1alpha1
        kind: SyncPoint
        metadata: {name: shop-agreed, namespace: shop, labels: {reconcile.dev/plan: shop}}
        spec: {plan: shop, participants: [{region: east}, {region: west}]}
        status: {state: Waiting, generation: 1, arrivals: [{participant: region/east, at: "2026-11-23T17:57:05Z"}], since: "2026-11-23T17:55:00Z", summary: {arrived: 1/2}, conditions: [{type: Succeeded, status: Unknown, reason: Waiting, message: waits for region/west}]}
        ---
        apiVersion: v1
        kind: Event
        metadata: {name: shop.1, namespace: shop}
        involvedObject: {kind: ExecutionPlan, name: shop, namespace: shop}
        reason: Planning
        message: Unfolding into 4 tasks
        type: Normal
        count: 1
        firstTimestamp: "2026-11-23T17:55:00Z"
        lastTimestamp: "2026-11-23T17:55:00Z"
        """
}
