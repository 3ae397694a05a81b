import Testing

@testable import HTTP

@Suite("The speed of a transfer")
struct SpeedCheckTests {
    @Test("so many bytes within so long, again and again, not while paused")
    func check() {
        let origin = ContinuousClock.now
        func at(_ seconds: Int) -> ContinuousClock.Instant { origin.advanced(by: .seconds(seconds)) }
        var check = SpeedCheck(HTTPRequest.LowSpeed(bytes: 10, within: .seconds(5)))
        #expect(check.deadline == nil, "nothing counts before the request starts")
        check.moved(100, at: at(0))
        check.start(at: at(1))
        #expect(check.deadline == at(6))
        check.moved(9, at: at(2))
        #expect(check.deadline == at(6), "not enough yet")
        check.moved(1, at: at(3))
        #expect(check.deadline == at(8), "enough: it counts anew")
        check.pause()
        check.moved(50, at: at(4))
        #expect(check.deadline == nil)
        check.start(at: at(20))
        #expect(check.deadline == at(25))
    }
}
