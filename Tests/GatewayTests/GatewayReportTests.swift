import Gateway
import Model
import Testing
import WorkerProtocol

@Suite struct GatewayReportTests {
    let one = AssignmentMessage.sample("t1", fence: 3)
    let two = AssignmentMessage.sample("t2", fence: 1)

    @Test func aReportIsHandedOutOnceAndAcknowledgedWhenDurable() {
        var desk = Desk()
        desk.member("w", holding: [one])
        let running = one.report(1, .running)
        #expect(desk.exchange("w", number: 1, holding: [one.held()], reports: [running]).reports == [running])
        #expect(desk.exchange("w", number: 2, holding: [one.held()], reports: [running]).reports.isEmpty)
        #expect(desk.core.counters.repeatedReports == 1)
        #expect(desk.core.committed("w", [1], now: desk.now.instant).isEmpty, "it may go with the next assignment")
        #expect(desk.core.nextDeadline == desk.now.instant + .milliseconds(100))
        #expect(desk.pass(.milliseconds(100)).exchanged?.acknowledged == 1)
    }

    @Test func anAcknowledgementGoesWithTheNextAssignment() {
        var desk = Desk()
        desk.member("w", holding: [one])
        _ = desk.exchange("w", number: 1, reports: [one.report(1)])
        #expect(desk.core.committed("w", [1], now: desk.now.instant).isEmpty)
        let reply = desk.core.setAssignments("w", [two], now: desk.now.instant).exchanged
        #expect(reply?.acknowledged == 1)
        #expect(reply?.assignments == [two])
        #expect(desk.pass(.milliseconds(100)).isEmpty)
    }

    @Test func oneThatLeavesIsToldAtOnceThatItsReportsAreStored() {
        var desk = Desk()
        desk.member("w", holding: [one])
        _ = desk.exchange("w", number: 1, reports: [one.report(1)], draining: true)
        #expect(desk.core.committed("w", [1], now: desk.now.instant).exchanged?.acknowledged == 1)
    }

    @Test func whatIsDurableOutOfOrderIsAcknowledgedInOrder() {
        var desk = Desk()
        desk.member("w", holding: [one, two])
        let reports = [one.report(1), two.report(2), .init(foreign: 3)]
        #expect(desk.exchange("w", number: 1, reports: reports).reports == Array(reports.prefix(2)))
        #expect(desk.core.committed("w", [2], now: desk.now.instant).isEmpty)
        // The third was refused: nothing holds it back but the first.
        _ = desk.core.committed("w", [1], now: desk.now.instant)
        #expect(desk.pass(.milliseconds(100)).exchanged?.acknowledged == 3)
    }

    @Test func anEndIsNotAskedForAgain() {
        var desk = Desk()
        desk.member("w", holding: [one])
        #expect(desk.exchange("w", number: 1, reports: [one.report(1)]).exchanged == nil)
        _ = desk.core.committed("w", [1], now: desk.now.instant)
        #expect(desk.pass(.milliseconds(100)).exchanged?.assignments == [])
        #expect(desk.exchange("w", number: 2).exchanged == nil)
        // Another attempt of the task is something new.
        let next = AssignmentMessage.sample("t1", fence: 4)
        #expect(desk.core.setAssignments("w", [next], now: desk.now.instant).exchanged?.assignments == [next])
    }

    struct Dropped: Sendable, CustomTestStringConvertible {
        let because: String
        let report: AttemptReport
        let counter: @Sendable (GatewayCounters) -> Int
        var testDescription: String { because }
    }

    static let dropped: [Dropped] = [
        Dropped(because: "an older fence", report: AssignmentMessage.sample("t1", fence: 2).report(9)) {
            $0.fencedReports
        },
        Dropped(because: "a fence nobody gave", report: AssignmentMessage.sample("t1", fence: 4).report(9)) {
            $0.foreignReports
        },
        Dropped(because: "another worker's task", report: AssignmentMessage.sample("t9").report(9)) {
            $0.foreignReports
        },
        Dropped(because: "an attempt it had once", report: AssignmentMessage.sample("old").report(9)) {
            $0.fencedReports
        },
        Dropped(because: "the uid of one task, the name of another", report: .mixed) { $0.foreignReports },
        Dropped(because: "a second end under the same fence", report: AssignmentMessage.sample("done").report(9)) {
            $0.secondResults
        },
        Dropped(because: "an end without a cause", report: .senseless) { $0.invalidReports },
    ]

    @Test(arguments: dropped) func whatDoesNotCountIsCountedAndAcknowledged(_ row: Dropped) {
        var desk = Desk()
        let done = AssignmentMessage.sample("done")
        desk.member("w", holding: [.sample("old")])
        _ = desk.core.setAssignments("w", [one, done], now: desk.now.instant)
        #expect(desk.exchange("w", number: 1, holding: [one.held()], reports: [done.report(1)]).reports.count == 1)
        _ = desk.core.committed("w", [1], now: desk.now.instant)
        let effects = desk.exchange("w", number: 2, holding: [one.held()], reports: [row.report])
        #expect(effects.reports.isEmpty)
        #expect(desk.pass(.milliseconds(100)).exchanged?.acknowledged == 9)
        #expect(row.counter(desk.core.counters) == 1)
    }

    @Test func noMoreThanTheLimitIsOut() {
        var desk = Desk()
        let many = (0..<1100).map { AssignmentMessage.sample("t\($0)") }
        desk.member("w", holding: many)
        let effects = desk.exchange("w", number: 1, reports: many.enumerated().map { $1.report($0 + 1) })
        #expect(effects.reports.count == 1024)
        _ = desk.core.committed("w", Array(1...1024), now: desk.now.instant)
        #expect(desk.exchange("w", number: 2, reports: [many[1024].report(1025)]).reports.count == 1)
    }
}

extension AttemptReport {
    fileprivate init(foreign sequence: Int) {
        self = AssignmentMessage.sample("other").report(sequence)
    }
    fileprivate static var mixed: AttemptReport {
        var report = AssignmentMessage.sample("t1", fence: 3).report(9)
        report.name = "plan-t2"
        return report
    }
    fileprivate static var senseless: AttemptReport {
        var report = AssignmentMessage.sample("t1", fence: 3).report(9)
        report.reason = .scalingUp
        return report
    }
}
