import Model
import Testing
import Tree
import WorkerProtocol

@Suite struct WireMessageTests {
    @Test func everyMessageComesBackAsItWent() throws {
        var assignment = AssignmentMessage()
        (assignment.namespace, assignment.name, assignment.taskUID) = ("shop", "plan-checkout", "uid-1")
        (assignment.attempt, assignment.fence, assignment.exclusive, assignment.stop) = (2, 7, true, .cancelled)
        assignment.run.command = ["sh", "-c", "true"]
        assignment.timeout = .seconds(90)
        var report = AttemptReport(of: assignment, .ended, .completed)
        (report.sequence, report.exitCode, report.outputs) = (9, 0, ["url": "https://x"])
        report.finishedAt = Timestamp(milliseconds: 1_700_000_000_123)
        var exchange = ExchangeRequest()
        (exchange.workerUID, exchange.incarnation, exchange.number, exchange.epoch) = ("w-1", 1, 3, 4)
        exchange.holding = [Holding(taskUID: "uid-1", fence: 7, stopping: true)]
        exchange.reports = [report]

        try roundTrip(JoinRequest(token: BearerSecret("t"), workerUID: "w", bootID: "b", pid: 1, agentVersion: "1"))
        try roundTrip(JoinReply(credential: BearerSecret("c"), worker: "frontend-0", lease: LeaseSpec(), epoch: 3))
        try roundTrip(RenewRequest(workerUID: "w", incarnation: 1, number: 1, epoch: 0))
        try roundTrip(RenewReply(epoch: 2, known: false))
        try roundTrip(exchange)
        try roundTrip(ExchangeReply(epoch: 1, acknowledged: 5, assignments: [assignment]))
        try roundTrip(ExchangeReply(epoch: 1, acknowledged: 5, assignments: []))
        try roundTrip(ExchangeReply(epoch: 1, acknowledged: 5, assignments: nil))
        try roundTrip(LogChunk(workerUID: "w", taskUID: "t", attempt: 1, offset: 0, bytes: Array(0...255)))
        try roundTrip(LogReply(next: 256))
        try roundTrip(Refusal(.gone, "worker w has been given up"))
    }

    private func roundTrip<Message: Structured>(_ message: Message) throws {
        #expect(try Message.read(message.tree) == message)
    }

    @Test func noAssignmentsAndUnknownAssignmentsDiffer() {
        #expect(ExchangeReply(epoch: 1, acknowledged: 0, assignments: []).tree["assignments"] == .array([]))
        #expect(ExchangeReply(epoch: 1, acknowledged: 0, assignments: nil).tree["assignments"] == nil)
    }

    struct Bad: Sendable, CustomTestStringConvertible {
        let because: String
        let at: String
        let edit: @Sendable (inout Tree) -> Void
        var testDescription: String { because }
    }

    static let bad: [Bad] = [
        Bad(because: "a uid becomes part of a file's name", at: "workerUID") { $0["workerUID"] = "../w" },
        Bad(because: "an empty uid is none", at: "workerUID") { $0["workerUID"] = "" },
        Bad(because: "incarnations begin at 1", at: "incarnation") { $0["incarnation"] = 0 },
        Bad(because: "a sequence has room for 2^20 incarnations only", at: "incarnation") {
            $0["incarnation"] = 9_000_000
        },
        Bad(because: "fields that must be there are", at: "number") { $0["number"] = nil },
        Bad(because: "one exchange has at most 64 reports", at: "reports") {
            $0["reports"] = .array(Array(repeating: AttemptReport().tree, count: 65))
        },
        Bad(because: "elements are checked too", at: "holding[0].fence") {
            $0["holding"] = [["taskUID": "t", "fence": 0, "stopping": false]]
        },
        Bad(because: "an output has at most 4 KiB", at: "reports[0].outputs.big") { tree in
            var report = AttemptReport()
            (report.namespace, report.name, report.taskUID) = ("n", "t", "u")
            (report.attempt, report.fence, report.sequence) = (1, 1, 1)
            report.outputs = ["big": String(repeating: "x", count: 4097)]
            tree["reports"] = [report.tree]
        },
    ]

    @Test(arguments: bad) func whatIsOutOfBoundsIsRefusedByName(_ bad: Bad) {
        var exchange = ExchangeRequest()
        (exchange.workerUID, exchange.incarnation, exchange.number) = ("w-1", 1, 1)
        var tree = exchange.tree
        bad.edit(&tree)
        let issue = #expect(throws: DecodingIssue.self) { try ExchangeRequest.read(tree) }
        #expect(issue?.path.description == bad.at)
    }

    @Test func fieldsOfALaterVersionAreLeftUnread() throws {
        var tree = RenewRequest(workerUID: "w", incarnation: 1, number: 1, epoch: 0).tree
        tree["mood"] = "good"
        #expect(try RenewRequest.read(tree).workerUID == "w")
    }

    @Test func reportsThatMakeNoSenseAreSeen() {
        var report = AttemptReport(of: AssignmentMessage(), .ended, .completed)
        #expect(report.nonsense == nil)
        report.reason = .waitingForRound
        #expect(report.nonsense != nil)
        report.reason = .completed
        report.outputs = Dictionary((0..<9).map { ("k\($0)", String(repeating: "x", count: 4000)) }) { $1 }
        #expect(report.nonsense != nil)
    }

    @Test func secretsNeverPrint() {
        let request = JoinRequest(
            token: BearerSecret("hunter2"), workerUID: "w", bootID: "b", pid: 1, agentVersion: "1")
        var dumped = ""
        dump(request, to: &dumped)
        #expect(!"\(request) \(String(reflecting: request)) \(dumped)".contains("hunter2"))
    }

    @Test func aProxysRefusalIsNotTheControllers() {
        let refusal = Refusal(.gone, "given up")
        #expect(Refusal(status: 410, body: refusal.tree) == refusal)
        #expect(Refusal(status: 401, body: refusal.tree) == nil)
        #expect(Refusal(status: 410, body: ["error": "no route"]) == nil)
    }

    @Test func onlyTheSameProtocolIsSpoken() {
        #expect(ProtocolVersion.refusal(of: "1") == nil)
        #expect(ProtocolVersion.refusal(of: nil)?.code == .unsupported)
        #expect(ProtocolVersion.refusal(of: "2")?.code == .unsupported)
    }
}
