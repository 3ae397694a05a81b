import Commands
import Testing

@Suite struct DescribeTests {
    private func page(_ words: String...) async throws -> String {
        let desk = try Desk()
        try await desk.store(Shop.state)
        let answer = await desk.run(["describe"] + words + ["-n", "shop"])
        #expect(answer.code == 0, "\(answer.err)")
        #expect(!answer.out.split(separator: "\n").contains { $0.count > 100 })
        return answer.out
    }

    @Test func plan() async throws {
        #expect(
            try await page("xplan/shop") == """
                Name:             shop
                Namespace:        shop
                Kind:             ExecutionPlan
                Labels:           team=web
                Created:          2026-11-23T18:00:00Z (0s ago)
                Phase:            Running: 1 of 4 tasks finished, 2 running
                Execution ID:     77aa-1
                Started:          2026-11-23T17:55:00Z (5m ago)
                Running for:      5m
                Scheduling:       CostOptimized, at most 6 tasks at once, at most 3 regions (weights: latency 1,
                                  cost 1, availability 1)
                Budget:           $150.00/h, $600.00 in all; then Hold
                Cost:             $0.017 so far, $0.20/h now, about $0.05 in all; saves 40 % against the dearest
                                  feasible worker
                ETA:              2026-11-23T18:10:00Z (in 10m), at the latest 2026-11-23T18:20:00Z in 9 of 10 cases
                Progress:         4 in all, 1 succeeded, 2 running, 1 pending
                Workers:          back-0, front-0
                Regions:
                  REGION   DONE   RUNNING   COST     SCORE
                  east     1/2    1         $0.01    2.31
                  west     0/1    1         $0.007   <none>
                Scores:           east: latency 0.80 × 1 + cost 0.52 × 1 + availability 0.99 × 1
                Tasks:
                  TASK       REGION   WORKER    PHASE       ATTEMPT   DURATION      COST   REASON
                  cart       east     front-0   Succeeded         1         2m   $0.0034
                  checkout   east     front-0   Running           1      2m50s   $0.0066
                  api        west     back-0    Running           2      3m47s    $0.007
                  notify     <none>   <none>    Pending           0     <none>     $0.00   WaitingForDependencies
                Sync points:
                  NAME          STATE     ARRIVED   SINCE   MISSING
                  shop-agreed   Waiting   1/2       5m      region/west
                Recoveries:
                  back-1 in west, LeaseExpired:
                    Tasks:        api
                    Timeline:     last seen 17:56:00, detected +12.0s, fenced +12.0s, rescheduled +12.5s, running
                                  +13.4s
                    Downtime:     13.4 s
                    Now in:       west
                    Cost:         $0.002
                Conditions:
                  TYPE        STATUS    AGE   REASON    MESSAGE
                  Succeeded   Unknown   5m    Running   1 of 4 tasks finished, 2 running
                Events:
                  LAST SEEN   TYPE     REASON     MESSAGE
                  5m          Normal   Planning   Unfolding into 4 tasks

                """)
    }

    @Test func task() async throws {
        #expect(
            try await page("xtask", "shop-api") == """
                Name:             shop-api
                Namespace:        shop
                Kind:             Task
                Labels:           reconcile.dev/plan=shop
                Created:          2026-11-23T18:00:00Z (0s ago)
                Plan:             shop (task api)
                Phase:            Running
                Region:           west
                Pool:             back
                Command:          make
                Requires:         capabilities backend
                                  cpu 500m
                                  regulations gdpr
                Retries:          0 of 3 used
                Attempt:          2 (fence 2)
                Worker:           back-0 in west
                Started:          2026-11-23T17:56:13Z (3m47s ago)
                Duration:         3m47s
                Cost:             $0.007
                Attempts:
                  #   WORKER   REGION   PHASE    DURATION   EXIT     COST     REASON
                  1   back-1   west     Failed   67s        <none>   $0.002   WorkerLost: no report for 12s
                Placement:
                  Strategy:       CostOptimized
                  Considered:     5 workers
                  Chosen:         back-0, score 0.91: cheapest that fits
                  Excluded:       2 of 5: region (must be west)
                                  1 of 5: state (Offline)
                  Not chosen:
                    WORKER   SCORE   REASON
                    back-2   0.80    costs more
                Events:           <none>

                """)
    }

    @Test func pool() async throws {
        let text = try await page("wpool", "front")
        #expect(text.contains("Workers:          2 ready, 1 busy, 2 live, 2 wanted\n"))
        #expect(text.contains("Choice:           local regions make processes; Local at $0.1/h\n"))
        #expect(text.contains("  front-0   Busy     2/2    90       0s    process:b/100/5\n"))
    }

    @Test func worker() async throws {
        let text = try await page("wkr/front-0")
        #expect(text.contains("Health:           90 of 100: one late report\n"))
        #expect(text.contains("Slots:            2 of 2 in use\n"))
    }

    @Test func region() async throws {
        let text = try await page("rgn", "east")
        #expect(text.contains("  capacity   Open    5          60s     <none>\n"))
        #expect(text.contains("  shop/front   Process   2/2     $0.20/h\n"))
    }

    @Test func syncPoint() async throws {
        let text = try await page("syncp/shop-agreed")
        #expect(text.contains("State:            Waiting: waits for region/west\n"))
        #expect(text.contains("  region/west   no        <none>                             no\n"))
        #expect(text.contains("Waiting tasks:    notify\n"))
    }

    @Test func secretsShowNoValues() async throws {
        let desk = try Desk()
        try await desk.store(
            "apiVersion: v1\nkind: Secret\nmetadata: {name: s}\ntype: Opaque\ndata: {token: aHVzaGh1c2g=}")
        let text = await desk.run("describe", "secret", "s").out
        #expect(text.contains("Data:             token: 8 bytes\n"))
        #expect(!text.contains("aHVza"))
    }

    @Test func tree() async throws {
        let desk = try Desk()
        try await desk.store(Shop.state)
        #expect(
            await desk.run("tree", "xplan/shop", "-n", "shop").out == """
                ExecutionPlan shop        Running, 1/4 tasks
                ├─ Region east            frontend-orchestrator
                │  ├─ WorkerPool front    2 workers
                │  │  ├─ Worker front-0   Busy, 2/2 tasks
                │  │  └─ Worker front-1   Online, 0/2 tasks
                │  ├─ Task cart           Succeeded, on front-0, 2m
                │  └─ Task checkout       Running, on front-0, 2m50s
                ├─ Region west
                │  ├─ WorkerPool back     0 workers
                │  └─ Task api            Running, on back-0, 3m47s, attempt 2
                ├─ Tasks in any region
                │  └─ Task notify         Pending, WaitingForDependencies
                └─ Sync points
                   └─ shop-agreed         Waiting, 1/2 arrived

                """)
    }

    @Test func top() async throws {
        let desk = try Desk()
        try await desk.store(Shop.state)
        #expect(
            await desk.run("top", "-n", "shop").out == """
                POOL    REGION   WORKERS   SLOTS   LOAD     $/H
                front   east     2/2       2/4      50%   $0.20
                total                      2/4      50%   $0.20

                WORKER    POOL    STATE    SLOTS   LOAD   HEALTH     $/H
                front-0   front   Busy     2/2     100%       90   $0.10
                front-1   front   Online   0/2       0%      100   $0.10

                """)
        #expect(await desk.run("top", "regions").code == 1)
    }

    @Test func report() async throws {
        let desk = try Desk()
        try await desk.store(Shop.state)
        let text = await desk.run("report", "shop", "-n", "shop")
        #expect(
            text.out == """
                Plan shop: Running

                Residency
                TASK       REGION   ATTEMPTS   LAWFUL   RULE
                cart       east     1          yes      listed under east
                checkout   east     1          yes      listed under east
                api        west     1,2        yes      west satisfies gdpr

                Cost
                REGION   TASKS     COST
                east         2    $0.01
                west         1   $0.007
                total            $0.017

                Recoveries
                WORKER   REGION   REASON         DOWNTIME   COST     TASKS
                back-1   west     LeaseExpired   13.4 s     $0.002   api

                """)
        #expect(text.code == 0)
        #expect(
            await desk.run("report", "shop", "-n", "shop", "-o", "markdown").out.contains(
                "| api | west | 1,2 | yes | west satisfies gdpr |\n"))
        #expect(await desk.run("report", "shop", "-n", "shop", "-o", "json").out.contains("\"totalCost\": \"0.017\""))
    }

    @Test func reportFindsWhatBrokeTheRule() async throws {
        let desk = try Desk()
        try await desk.store(Shop.state.replacing("regulations: [gdpr], provider", with: "provider"))
        let report = await desk.run("report", "shop", "-n", "shop")
        #expect(report.out.contains("api        west     1,2        NO       requires gdpr: lacks gdpr\n"))
        #expect(report.code == 2)
    }
}
