import Engine
import Model
import Ports
import Testing

@Suite struct BreakersTests {
    private let start = Moment(instant: .origin + .seconds(100), wall: Timestamp(milliseconds: 1_700_000_000_000))

    private func open(_ code: ProviderError.Code) -> Breakers {
        var breakers = Breakers()
        for _ in 0..<5 { _ = breakers.failed(region: "east", code: code, now: start) }
        return breakers
    }

    @Test(arguments: [
        (code: ProviderError.Code.throttled, counts: true, because: "the provider is overloaded"),
        (code: .capacity, counts: true, because: "it has no room"),
        (code: .quota, counts: true, because: "we may have no more"),
        (code: .unavailable, counts: true, because: "it does not answer"),
        (code: .unauthorised, counts: true, because: "it will refuse the next call too"),
        (code: .notFound, counts: false, because: "it answered"),
        (code: .conflict, counts: false, because: "it answered"),
        (code: .invalid, counts: false, because: "only this request is wrong"),
        (code: .unknownOutcome, counts: false, because: "it is no failure"),
    ])
    func opensAfterFiveFailures(_ row: (code: ProviderError.Code, counts: Bool, because: String)) {
        var breakers = open(row.code)
        #expect(breakers.admits(region: "east", now: start) != row.counts, "\(row.because)")
        #expect(breakers.admits(region: "west", now: start) == true, "another region is not concerned")
    }

    @Test func aPlanSaysWhenItOpens() {
        var cautious = CircuitBreaker()
        cautious.failureThreshold = 2
        var breakers = Breakers()
        for count in 1...2 {
            let opened = breakers.failed(region: "east", code: .throttled, now: start, policy: cautious)
            #expect(opened == (count == 2))
        }
        var off = CircuitBreaker()
        off.enabled = false
        #expect(breakers.failed(region: "east", code: .throttled, now: start, policy: off) == false)
        #expect(breakers.admits(region: "east", now: start) == true, "switched off, every call is made")
    }

    @Test(arguments: [
        (plans: [CircuitBreaker](), threshold: 5, because: "no plan uses the region: the default"),
        (plans: [.opening(after: 7)], threshold: 7, because: "its only plan says so"),
        (plans: [.opening(after: 7), .opening(after: 3)], threshold: 3, because: "the most careful one"),
        (
            plans: [.opening(after: 7), .opening(after: 3, enabled: false)], threshold: 7,
            because: "one of them wants it"
        ),
    ])
    func theMostCarefulPlanDecides(_ row: (plans: [CircuitBreaker], threshold: Int, because: String)) throws {
        var cache = Cache()
        for (index, breaker) in row.plans.enumerated() {
            var plan = ExecutionPlan(metadata: .sample("p\(index)"), spec: ExecutionPlanSpec())
            var entry = PlanRegion()
            entry.region = "east"
            plan.spec.regions = [entry]
            plan.spec.faultTolerance.circuitBreaker = breaker
            _ = try cache.apply(StoredObject(key: plan.key, uid: "", version: UInt64(index + 1), tree: plan.tree))
        }
        #expect(Breakers.policy(region: "east", cache).failureThreshold == row.threshold, "\(row.because)")
    }

    @Test func failuresOutsideTheWindowDoNotCount() {
        var breakers = Breakers()
        for index in 0..<10 {
            _ = breakers.failed(region: "east", code: .throttled, now: start.advanced(by: .seconds(20 * Int64(index))))
        }
        #expect(breakers.admits(region: "east", now: start.advanced(by: .seconds(200))) == true)
    }

    @Test func oneProbeDecides() {
        var breakers = open(.throttled)
        let later = start.advanced(by: .seconds(30))
        #expect(breakers.admits(region: "east", now: start.advanced(by: .seconds(29))) == false)
        #expect(breakers.admits(region: "east", now: later) == true)
        #expect(breakers.admits(region: "east", now: later) == false, "one probe at a time")
        breakers.succeeded(region: "east")
        #expect(breakers.admits(region: "east", now: later) == true)
    }

    @Test(arguments: [
        (code: ProviderError.Code.throttled, because: "the probe failed alike"),
        (code: .unavailable, because: "it failed in another way: the first class must not wait for ever"),
        (code: .unknownOutcome, because: "it told nothing"),
    ])
    func aFailedProbeOpensAgain(_ row: (code: ProviderError.Code, because: String)) {
        var breakers = open(.throttled)
        let probe = start.advanced(by: .seconds(30))
        #expect(breakers.admits(region: "east", now: probe) == true)
        _ = breakers.failed(region: "east", code: row.code, now: probe)
        #expect(breakers.admits(region: "east", now: probe.advanced(by: .seconds(29))) == false, "\(row.because)")
        #expect(breakers.admits(region: "east", now: probe.advanced(by: .seconds(30))) == true, "\(row.because)")
    }

    @Test func twoOpenClassesWaitForTheLaterOne() {
        var breakers = open(.throttled)
        let second = start.advanced(by: .seconds(10))
        for _ in 0..<5 { _ = breakers.failed(region: "east", code: .capacity, now: second) }
        #expect(breakers.admits(region: "east", now: start.advanced(by: .seconds(31))) == false)
        #expect(
            breakers.admits(region: "east", now: second.advanced(by: .seconds(30))) == true,
            "and it is not wedged by the first")
    }

    @Test func anyAnswerEndsAnOutageButNotAShortage() {
        var outage = open(.unavailable)
        outage.answered(region: "east")
        #expect(outage.admits(region: "east", now: start) == true)
        var shortage = open(.capacity)
        shortage.answered(region: "east")
        #expect(shortage.admits(region: "east", now: start) == false)
    }

    @Test func whatStatusShowsDoesNotMoveWithTime() {
        let breakers = open(.throttled)
        let first = breakers.records(now: start)["east"]
        #expect(first == breakers.records(now: start.advanced(by: .milliseconds(12_345)))["east"])
        #expect(first?.first?.state == .open)
        #expect(breakers.records(now: start.advanced(by: .seconds(30)))["east"]?.first?.state == .halfOpen)
    }
}

extension CircuitBreaker {
    fileprivate static func opening(after failures: Int, enabled: Bool = true) -> CircuitBreaker {
        var breaker = CircuitBreaker()
        breaker.failureThreshold = failures
        breaker.enabled = enabled
        return breaker
    }
}
