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
