@testable import Commands
import Documents
import Model
import Testing
import Text
import Tree

@Suite struct ProgressTests {
    private func board(_ yaml: String = Shop.state) throws -> RunBoard {
        let objects = try YAML.parse(yaml).map(\.tree)
        return RunBoard(
            objects, scope: RunScope([ObjectKey(.executionPlan, "shop", "shop"), ObjectKey(.region, "", "east")]))
    }

    @Test func liveBoardFitsAHundredColumns() throws {
        let lines = LiveBoard.lines(try board(), now: StillClock.wall, width: 100, height: 50, Paint(false)).map(\.text)
        #expect(
            lines.joined(separator: "\n") == """
                TASK       REGION   WORKER    PHASE       TIME    COST      WAITS FOR
                cart       east     front-0   Succeeded   2m      $0.0034
                checkout   east     front-0   Running     2m50s   $0.0066
                api        west     back-0    Running     3m47s   $0.007
                notify     <none>   <none>    Pending                       WaitingForDependencies

                SYNC POINT   STATE     ARRIVED
                agreed       Waiting   1/2 arrived

                1 of 4 tasks finished, 2 running, $0.017 so far, about 10m left
                """)
    }

    @Test func manyTasksAreCounted() throws {
        var text =
            "apiVersion: reconcile.dev/v1alpha1\nkind: ExecutionPlan\nmetadata: {name: shop, namespace: shop}\nspec: {}\n"
        for index in 0..<300 {
            let phase = index == 250 ? "Failed" : index < 200 ? "Succeeded" : "Pending"
            text +=
                "---\napiVersion: reconcile.dev/v1alpha1\nkind: Task\nmetadata: {name: shop-t\(1000 + index), namespace: shop}\n"
            text += "spec: {plan: shop, task: t\(1000 + index), run: {command: [x]}}\nstatus: {phase: \(phase)}\n"
        }
        let lines = LiveBoard.lines(try board(text), now: StillClock.wall, width: 100, height: 30, Paint(false)).map(
            \.text)
        #expect(lines.count == 29)
        #expect(lines.contains { $0.hasPrefix("t1250") }, "what failed is shown first")
        #expect(lines.contains("… and 275 more tasks"))
    }

    @Test func redrawingGoesOverWhatStands() throws {
        let recorder = Recorder(isTerminal: true)
        var live = LiveBoard(recorder, Paint(false))
        let board = try board()
        live.draw(board, now: StillClock.wall)
        let height = recorder.take().split(separator: "\n", omittingEmptySubsequences: false).count - 1
        live.draw(board, now: StillClock.wall)
        #expect(recorder.take().hasPrefix("\u{1B}[\(height)A\u{1B}[J"))
        live.erase()
        #expect(recorder.take() == "\u{1B}[\(height)A\u{1B}[J")
    }

    @Test func changesAreLinesAndSilenceIsAHeartbeat() throws {
        let recorder = Recorder()
        var log = ChangeLog(recorder)
        let board = try board()
        log.write(board, now: StillClock.wall)
        #expect(
            recorder.take() == """
                18:00:00 plan shop: Running
                18:00:00 task cart: Succeeded in 2m
                18:00:00 task checkout: Running on front-0 in east
                18:00:00 task api: Running on back-0 in west (attempt 2)
                18:00:00 task notify: Pending: WaitingForDependencies
                18:00:00 sync point agreed: Waiting, 1/2 arrived
                18:00:00 region east: Ready

                """)
        log.write(board, now: StillClock.wall + .seconds(29))
        #expect(recorder.take().isEmpty)
        log.write(board, now: StillClock.wall + .seconds(30))
        #expect(recorder.take() == "18:00:30 1 of 4 tasks finished, 2 running, $0.017 so far, about 9m30s left\n")
        var next = board
        next.tasks[1].phase = .failed
        next.tasks[1].message = "exit code 2"
        log.write(next, now: StillClock.wall + .seconds(31))
        #expect(recorder.take() == "18:00:31 task checkout: Failed: exit code 2\n")
    }

    struct Case: Sendable, CustomTestStringConvertible {
        let plan: String
        let waits: Bool
        let isPatient: Bool
        let exit: Exit?
        let because: String
        var testDescription: String { because }
    }

    static let cases = [
        Case(plan: "Succeeded", waits: true, isPatient: false, exit: .done, because: "all done"),
        Case(plan: "Failed", waits: true, isPatient: false, exit: .stuck, because: "failed"),
        Case(plan: "Running", waits: true, isPatient: false, exit: nil, because: "waits on"),
        Case(plan: "Running", waits: false, isPatient: false, exit: .stillRunning, because: "one pass is enough"),
        Case(plan: "Planning", waits: false, isPatient: false, exit: nil, because: "not yet looked at"),
        Case(plan: "Blocked", waits: true, isPatient: true, exit: nil, because: "it may go on yet"),
        Case(plan: "Blocked", waits: true, isPatient: false, exit: .stuck, because: "it had its time"),
    ]

    @Test(arguments: cases) func endings(_ test: Case) throws {
        let board = try board(
            Shop.state.replacing(
                "  phase: Running\n  reason: Running\n  message: 1", with: "  phase: \(test.plan)\n  message: 1"))
        #expect(
            RunFollower.ending(board, waits: test.waits, isPatient: test.isPatient)?.exit == test.exit,
            "\(test.because)")
    }

    @Test func whatIsLeftRunningIsNamed() throws {
        #expect(
            RunFollower.leftRunning(try board())
                == "interrupted while 2 tasks were running: checkout on front-0, api on back-0")
    }
}
