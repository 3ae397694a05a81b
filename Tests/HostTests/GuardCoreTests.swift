import Model
import Testing

@testable import Host

/// Seconds into the attempt; the kill grace is 5 s, the lease of exclusive attempts 10 s.
@Suite
struct GuardCoreTests {
    struct Step: Sendable {
        let at: Int64
        let input: GuardCore.Input
        let action: GuardCore.Action?
        let deadline: Int64?

        init(_ at: Int64, _ input: GuardCore.Input, _ action: GuardCore.Action?, deadline: Int64?) {
            self.at = at
            self.input = input
            self.action = action
            self.deadline = deadline
        }
    }

    struct Case: Sendable, CustomStringConvertible {
        let because: String
        var isExclusive = false
        let steps: [Step]
        var description: String { because }
    }

    static func renewal(_ sentAt: Int64) -> GuardCore.Input { .command(.renew(from: .origin + .seconds(sentAt))) }

    @Test(arguments: [
        Case(because: "without a lease nothing is ever due", steps: [Step(1_000_000, .tick, nil, deadline: nil)]),
        Case(
            because: "terminate asks, and kills what is left after the grace",
            steps: [
                Step(1, .command(.terminate), .terminateAll, deadline: 6), Step(5, .tick, nil, deadline: 6),
                Step(6, .tick, .killAll, deadline: nil),
            ]),
        Case(
            because: "a second terminate does not put the kill off",
            steps: [
                Step(1, .command(.terminate), .terminateAll, deadline: 6),
                Step(4, .command(.terminate), nil, deadline: 6), Step(7, .command(.terminate), .killAll, deadline: nil),
            ]),
        Case(
            because: "an agent that is gone ends the task with the same grace",
            steps: [Step(1, .agentGone, .terminateAll, deadline: 6), Step(6, .tick, .killAll, deadline: nil)]),
        Case(because: "kill kills", steps: [Step(1, .command(.kill), .killAll, deadline: nil)]),
        Case(
            because: "kill overtakes a terminate",
            steps: [
                Step(1, .command(.terminate), .terminateAll, deadline: 6),
                Step(2, .command(.kill), .killAll, deadline: nil),
            ]),
        Case(
            because: "what a task leaves behind at its own end is killed",
            steps: [Step(1, .leaderEnded, .killAll, deadline: nil)]),
        Case(
            because: "after a terminate the others have the whole grace, though the first process has ended",
            steps: [
                Step(1, .command(.terminate), .terminateAll, deadline: 6), Step(2, .leaderEnded, nil, deadline: 6),
                Step(6, .tick, .killAll, deadline: nil),
            ]),
        Case(
            because: "a lease that is not renewed ends the task",
            isExclusive: true,
            steps: [
                Step(9, .tick, nil, deadline: 10), Step(10, .tick, .terminateAll, deadline: 15),
                Step(15, .tick, .killAll, deadline: nil),
            ]),
        Case(
            because: "a renewal counts from its sending, not from its arrival",
            isExclusive: true,
            steps: [Step(9, renewal(4), nil, deadline: 14), Step(14, .tick, .terminateAll, deadline: 19)]),
        Case(
            because: "an older renewal takes nothing back",
            isExclusive: true, steps: [Step(8, renewal(6), nil, deadline: 16), Step(9, renewal(2), nil, deadline: 16)]),
        Case(
            because: "a renewal from the future is not believed",
            isExclusive: true, steps: [Step(1, renewal(100), nil, deadline: 10)]),
        Case(
            because: "a machine that was paused past lease and grace kills at once",
            isExclusive: true, steps: [Step(15, .tick, .killAll, deadline: nil)]),
        Case(
            because: "renewals that piled up during a pause are worth what they were",
            isExclusive: true, steps: [Step(12, renewal(1), .terminateAll, deadline: 16)]),
        Case(
            because: "a terminate shortly before the lease ends gains no time",
            isExclusive: true,
            steps: [
                Step(9, .command(.terminate), .terminateAll, deadline: 14), Step(14, .tick, .killAll, deadline: nil),
            ]),
        Case(
            because: "a renewal does not stop an end once begun",
            isExclusive: true,
            steps: [
                Step(10, .tick, .terminateAll, deadline: 15), Step(11, renewal(11), nil, deadline: 15),
                Step(15, .tick, .killAll, deadline: nil),
            ]),
    ])
    func signals(_ row: Case) {
        var core = GuardCore(killGrace: .seconds(5), lease: row.isExclusive ? .seconds(10) : nil, leaseFrom: .origin)
        for step in row.steps {
            let now = Instant.origin + .seconds(step.at)
            #expect(core.handle(step.input, now: now) == step.action, "\(row.because), at \(step.at) s")
            if step.action == .killAll {
                #expect(core.deadline == now + GuardCore.firstPause, "a kill is repeated")
            } else {
                #expect(
                    core.deadline == step.deadline.map { .origin + .seconds($0) }, "\(row.because), after \(step.at) s")
            }
        }
    }

    @Test("An exclusive attempt is not begun after its lease")
    func lateStart() {
        let exclusive = GuardCore(killGrace: .seconds(5), lease: .seconds(10), leaseFrom: .origin)
        #expect(exclusive.mayStart(now: .origin + .seconds(9)))
        #expect(!exclusive.mayStart(now: .origin + .seconds(10)))
        let other = GuardCore(killGrace: .seconds(5), lease: nil, leaseFrom: .origin)
        #expect(other.mayStart(now: .origin + .seconds(10_000)))
    }

    @Test("A kill is repeated until nothing is left, ever less often, at least once a second")
    func killingGoesOn() throws {
        var core = GuardCore(killGrace: .zero, lease: nil, leaseFrom: .origin)
        var now = Instant.origin
        #expect(core.handle(.command(.kill), now: now) == .killAll)
        var last = Duration.zero
        for _ in 0..<20 {
            let next = try #require(core.deadline)
            #expect(next - now >= last && next - now <= GuardCore.longestPause)
            last = next - now
            now = next
            #expect(core.handle(.tick, now: now) == .killAll)
        }
        #expect(last == GuardCore.longestPause)
    }

    @Test(arguments: [GuardCommand.terminate, .kill, .renew(from: Instant(nanoseconds: 12345))])
    func commandsReadBack(_ command: GuardCommand) {
        #expect(GuardCommand(line: command.line.dropLast()) == command)
    }

    @Test(arguments: ["", "stop", "renew", "renew x", "renew 1 2", "terminate now"])
    func otherLinesAreNoCommands(_ line: String) { #expect(GuardCommand(line: Array(line.utf8)) == nil) }
}
