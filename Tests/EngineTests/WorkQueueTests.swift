import Engine
import Model
import Testing

@Suite struct WorkQueueTests {
    private let a = WorkKey.object(ObjectKey(.task, "shop", "a"))
    private let b = WorkKey.object(ObjectKey(.task, "shop", "b"))

    @Test func aKeyStandsOnceAndItsEarliestTimeWins() {
        var queue = WorkQueue()
        queue.add(a, at: .origin + .seconds(5))
        queue.add(a, at: .origin + .seconds(2))
        queue.add(a, at: .origin + .seconds(9))
        #expect(queue.count == 1)
        #expect(queue.nextDue == .origin + .seconds(2))
        #expect(queue.pop(now: .origin + .seconds(1)) == nil)
        #expect(queue.pop(now: .origin + .seconds(2)) == a)
        #expect(queue.pop(now: .origin + .seconds(99)) == nil, "the later entries were of the same key")
        #expect(queue.nextDue == nil)
    }

    @Test func equalTimesComeInTheOrderOfAdding() {
        var queue = WorkQueue()
        for key in [b, .round, a] { queue.add(key, at: .origin) }
        #expect([queue.pop(now: .origin), queue.pop(now: .origin), queue.pop(now: .origin)] == [b, .round, a])
    }

    @Test func namespacesTakeTurns() {
        var queue = WorkQueue()
        let many = (0..<100).map { WorkKey.object(ObjectKey(.task, "many", "t\($0)")) }
        let few = (0..<2).map { WorkKey.object(ObjectKey(.task, "few", "t\($0)")) }
        for key in many { queue.add(key, at: .origin, isNow: true) }
        for key in few { queue.add(key, at: .origin + .seconds(1)) }
        let popped = (0..<6).compactMap { _ in queue.pop(now: .origin + .seconds(1)) }
        #expect(popped == [many[0], few[0], many[1], few[1], many[2], many[3]], "in its namespace each as it came")
        #expect(queue.count == 96)
    }

    @Test func aKeyMayComeBackAfterItWasTaken() {
        var queue = WorkQueue()
        queue.add(a, at: .origin)
        _ = queue.pop(now: .origin)
        queue.add(a, at: .origin + .seconds(1))
        #expect(queue.nextDue == .origin + .seconds(1))
    }
}

@Suite struct BackoffTests {
    @Test(arguments: [
        (failures: 0, low: 500, high: 1000, because: "no failure counts as the first"),
        (failures: 1, low: 500, high: 1000, because: "the first waits half to all of the initial step"),
        (failures: 2, low: 1000, high: 2000, because: "it doubles"),
        (failures: 4, low: 4000, high: 8000, because: "and doubles"),
        (failures: 10, low: 150_000, high: 300_000, because: "up to the maximum"),
        (failures: 5000, low: 150_000, high: 300_000, because: "without overflow"),
    ])
    func waits(_ row: (failures: Int, low: Int64, high: Int64, because: String)) {
        let schedule = BackoffSchedule(initial: .seconds(1), maximum: .minutes(5))
        var random = Randomness(seed: 7)
        for _ in 0..<200 {
            let delay = schedule.delay(failures: row.failures, random: &random).milliseconds
            #expect(delay >= row.low && delay < row.high, "\(row.because)")
        }
    }
}

@Suite struct RandomnessTests {
    @Test func aSeedMakesOneSequence() {
        var a = Randomness(seed: 3)
        var b = Randomness(seed: 3)
        #expect((0..<20).map { _ in a.next() } == (0..<20).map { _ in b.next() })
    }

    @Test func uidsAreOfVersion4() {
        var random = Randomness(seed: 1)
        for _ in 0..<100 {
            let uid = Array(random.uuid())
            #expect(uid.count == 36)
            #expect(uid[14] == "4")
            #expect("89ab".contains(uid[19]))
        }
    }
}
