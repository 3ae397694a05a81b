@testable import Commands
import Model
import Testing
import Text
import Tree

@Suite struct PlanTests {
    static let report: PlanReport = {
        let pool = ObjectKey(.workerPool, "shop", "front")
        let task = ObjectKey(.task, "shop", "shop-train")
        var report = PlanReport()
        report.changes = [
            .init(
                .create, pool, reason: "in the manifests, not in the state", costAfter: Money("0.3"),
                fields: [
                    .init("spec.maxWorkers", old: nil, new: "3"), .init("status.selector", old: nil, new: nil),
                ]),
            .init(
                .update, ObjectKey(.executionPlan, "shop", "shop"), reason: "the manifest differs from the state",
                fields: [
                    .init("spec.scheduling.maxConcurrentTasks", old: "4", new: "6")
                ]),
            .init(
                .delete, ObjectKey(.worker, "shop", "back-1"), reason: "back is at its maximum of 1",
                costBefore: Money("0.1"), costAfter: .zero),
            .init(
                .replace, ObjectKey(.worker, "shop", "back-0"), reason: "its instance type changes",
                costBefore: Money("0.1"), costAfter: Money("0.2")),
        ]
        report.pools = [
            .init(
                pool: pool, region: "east", backend: "EC2",
                choice: "GPU → EC2; t3.medium at $0.0416/h, the cheapest of 1 that fit among 2",
                workersBefore: 0, workersAfter: 3,
                offerings: [
                    .init(
                        name: "t3.small", resources: "2 CPU, 2Gi", perHour: Money(micros: 20800), source: "table",
                        isChosen: false, rejection: "memory (needs 4Gi, has 2Gi)"),
                    .init(
                        name: "t3.medium", resources: "2 CPU, 4Gi", perHour: Money(micros: 41600), source: "table",
                        isChosen: true),
                    .init(
                        name: "t3.large", resources: "2 CPU, 8Gi", perHour: Money(micros: 83200), source: "table",
                        isChosen: false),
                ])
        ]
        report.placements = [
            .init(
                task: ObjectKey(.task, "shop", "shop-cart"), region: "east", worker: "front slot 0",
                reason: "cheapest that fits")
        ]
        report.pending = [
            .init(
                task: task, reason: .noFeasibleWorker,
                message: "2 of 5 workers: GPU (needs 1, has 0); 3 of 5 workers: region (must be east)",
                nearestOffering: "g4dn.xlarge at $0.526/h")
        ]
        report.rateBefore = Money(dollars: 1)
        report.rateAfter = Money(micros: 1_300_000)
        report.estimate = .init(
            p50: .minutes(20), p90: .minutes(35), cost: Money(micros: 430_000), costP90: Money(micros: 760_000))
        report.failures = [
            .init(
                failure: "region=east", downtime: .seconds(14), extraCost: Money(micros: 50_000),
                moved: ["cart", "checkout"], blocked: ["train: ResidencyBlocked"])
        ]
        report.notes = [.init("prices of 2026-01-31")]
        return report
    }()

    @Test func textForPeople() {
        #expect(
            PlanText.render(Self.report).text == """
                +   shop/workerpool/front   $0.00/h -> $0.30/h
                      in the manifests, not in the state
                      + spec.maxWorkers   3
                      + status.selector   (known after apply)

                ~   shop/executionplan/shop
                      the manifest differs from the state
                      ~ spec.scheduling.maxConcurrentTasks   4 -> 6

                -   shop/worker/back-1   $0.10/h -> $0.00/h
                      back is at its maximum of 1

                -/+ shop/worker/back-0   $0.10/h -> $0.20/h
                      its instance type changes

                Pool shop/front in east: 0 -> 3 workers, EC2
                  GPU → EC2; t3.medium at $0.0416/h, the cheapest of 1 that fit among 2
                      OFFERING    RESOURCES        PRICE   VERDICT
                      t3.small    2 CPU, 2Gi   $0.0208/h   memory (needs 4Gi, has 2Gi)
                  *   t3.medium   2 CPU, 4Gi   $0.0416/h   chosen
                      t3.large    2 CPU, 8Gi   $0.0832/h   costs more

                TASK        REGION   WORKER         REASON
                shop-cart   east     front slot 0   cheapest that fits

                1 task would wait:
                  shop-train: NoFeasibleWorker: 2 of 5 workers: GPU (needs 1, has 0); 3 of 5 workers: region (must
                    be east)
                    nearest offering: g4dn.xlarge at $0.526/h

                If region=east failed:
                  downtime   14s
                  cost       +$0.05
                  moved      cart, checkout
                  blocked    train: ResidencyBlocked

                Rate:     $1.00/h -> $1.30/h
                Time:     20m as likely as not, 35m in 9 of 10 cases
                Cost:     $0.43, $0.76 in 9 of 10 cases

                Note: prices of 2026-01-31

                Plan: 2 to add, 1 to change, 2 to destroy.

                """)
        #expect(PlanText.render(PlanReport()).text == "No changes.\n")
    }

    @Test func treeForPrograms() {
        let tree = Self.report.tree
        #expect(tree["counts"] == ["add": 2, "change": 1, "destroy": 2])
        #expect(tree["rate"] == ["before": "1", "after": "1.3"])
        #expect(
            tree["changes"]?[1]?["fields"]?[0] == [
                "path": "spec.scheduling.maxConcurrentTasks", "old": "4", "new": "6",
            ])
        #expect(tree["pending"]?[0]?["reason"] == "NoFeasibleWorker")
        #expect(tree["failures"]?[0]?["downtime"] == "14s")
    }

    @Test func exitCodes() async throws {
        let desk = try Desk()
        try desk.write("plan.yaml", Desk.hello)
        #expect(await desk.run("plan", "-f", "$DIR/plan.yaml", "--detailed-exitcode").code == 0)
        desk.runtime.report = Self.report
        #expect(await desk.run("plan", "-f", "$DIR/plan.yaml").code == 0)
        let detailed = await desk.run(
            "plan", "-f", "$DIR/plan.yaml", "--detailed-exitcode", "--all", "--simulate-failure",
            "region=east")
        #expect(detailed.code == 2)
        #expect(detailed.out.hasSuffix("Plan: 2 to add, 1 to change, 2 to destroy.\n"))
        #expect(desk.runtime.planned.last?.0.simulateFailure == ["region=east"])
        let wrong = await desk.run("plan", "-f", "$DIR/plan.yaml", "--simulate-failure", "regoin=east")
        #expect(wrong.code == 1)
        #expect(wrong.err.hasSuffix("Did you mean region=…?\n"))
        #expect(await desk.run("plan", "-f", "$DIR/plan.yaml", "-o", "nonsense").code == 1)
        try desk.write("plan.yaml", "kind: x")
        #expect(await desk.run("plan", "-f", "$DIR/plan.yaml").code == 4)
    }

    @Test func aSavedPlanIsAppliedExactlyOrNotAtAll() async throws {
        let desk = try Desk()
        try desk.write("plan.yaml", Desk.hello)
        var report = PlanReport()
        report.basis = [.init(ObjectKey(.executionPlan, "default", "hello")), .init(ObjectKey(.region, "", "here"))]
        desk.runtime.report = report
        let saved = await desk.run("plan", "-f", "$DIR/plan.yaml", "-o", "$DIR/saved.json")
        #expect(saved.err == "Next: reconcile apply -f $DIR/saved.json\n")
        let first = await desk.run("apply", "-f", "$DIR/saved.json")
        #expect(
            first.out.hasSuffix("region.reconcile.dev/here created\nexecutionplan.reconcile.dev/hello created\n"),
            "\(first.err)")
        let again = await desk.run("apply", "-f", "$DIR/saved.json")
        #expect(again.code == 1)
        #expect(
            again.err.hasPrefix(
                "error: the plan is out of date: changed since it was made: default/executionplan/hello, region/here\n")
        )
    }
}
