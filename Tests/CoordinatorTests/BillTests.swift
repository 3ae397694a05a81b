import Coordinator
import Engine
import Model
import Ports
import Testing
import Tree

/// What a running controller rents for a plan, and what it books.
@Suite struct BillTests {
    private func pool(_ edit: (inout Tree) -> Void = { _ in }) -> Tree {
        var pool = Manifest.pool(workers: 10, slots: 1)
        pool["spec"]?["minWorkers"] = 0
        edit(&pool)
        return pool
    }
    private func isDone(_ house: House) -> Bool { house.plan?.status.phase.isTerminal == true }

    @Test func aChainKeepsItsWorkerAndIsBilledForIt() throws {
        let tasks = (0..<8).map { Manifest.task("t\($0)", after: $0 == 0 ? [] : [.string("t\($0 - 1)")]) }
        var house = try House([Manifest.region(), pool(), Manifest.plan(tasks)])
        house.runs = .seconds(5)
        let began = house.now
        #expect(house.pass(.minutes(5), until: isDone) == true)
        #expect(house.now.instant - began.instant < .seconds(60), "8 × 5 s one after the other")
        let workers = Set((0..<8).compactMap { house.task("t\($0)")?.status.attempts.last?.worker })
        #expect(workers == ["web-0-1"], "one worker, and one attempt of it")
        house.pass(.minutes(10)) { $0.processes == 0 && $0.worker("web-0-1") == nil }
        #expect(house.worker("web-0-1") == nil, "released when its cooldown was over")
        house.pass(.seconds(10))
        let cost = try #require(house.plan?.status.cost)
        let account = try #require(
            house.core.engine.cache.pools[ObjectKey(.workerPool, "shop", "web")]?.object.status.accrued)
        #expect(cost.ratePerHour == .zero)
        #expect(abs(cost.accrued.micros - account.total.micros) * 100 <= account.total.micros, "\(cost) \(account)")
        #expect(cost.accrued > cost.share)
        let before = house.batches.count
        house.pass(.minutes(21))
        #expect(house.batches.count == before, "an ended plan whose workers are gone is at rest")
    }

    @Test func aPlansBudgetCountsWhatIsRentedForIt() throws {
        let tasks = (0..<12).map { Manifest.task("t\($0)") }
        let expensive = pool {
            $0["spec"]?["worker"]?["costPerHour"] = "5"
            $0["spec"]?["worker"]?["maxConcurrentTasks"] = 4
        }
        for (budget, most) in [("1", 0), ("5", 1), ("10", 2)] {
            var house = try House([
                Manifest.region(), expensive, Manifest.plan(tasks, ["budget": ["perHour": .string(budget)]]),
            ])
            house.runs = .seconds(5)
            var peak = Money.zero
            house.pass(.minutes(1)) { house in
                peak = max(peak, house.core.engine.cache.rate(ofRegion: "east"))
                return isDone(house)
            }
            #expect(peak == Money(dollars: Int64(5 * most)), "$\(budget)/h")
            if most == 0 { #expect(house.task("t0")?.status.reason == Reason.budgetExceeded.rawValue) }
            let before = house.batches.count
            house.pass(.minutes(8))
            let written = house.batches.dropFirst(before).flatMap { $0.writes.map { "\($0.key)" } }
            if most == 0 { #expect(written == [], "L5: what a budget refuses waits quietly") }
        }
    }
}
