import Engine
import FoundationEssentials
import Model
import Testing

@testable import Controllers

/// The tables of phases: the page shows them, and no pass over a task or a plan does anything else.
@Suite struct LifeTests {
    // MARK: The page

    /// The tables of a section, cell by cell, without their heads.
    private func tables(_ section: String) throws -> [[[String]]] {
        let root = #filePath.split(separator: "/Tests/")[0]
        let page = "\(root)/Sources/reconcile/Documentation.docc/PlanLife.md"
        let text = String(decoding: try Data(contentsOf: URL(filePath: page)), as: UTF8.self)
        let part = try #require(text.split(separator: "\n## ").first { $0.hasPrefix(section) })
        var tables: [[[String]]] = []
        var isIn = false
        for line in part.split(separator: "\n", omittingEmptySubsequences: false) {
            guard line.hasPrefix("|") else {
                isIn = false
                continue
            }
            if !isIn { tables.append([]) }
            isIn = true
            let cells = line.split(separator: "|").map { cell in
                String(cell.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
            }
            tables[tables.count - 1].append(cells)
        }
        return tables.map { Array($0.dropFirst(2)) }
    }

    @Test func thePageHasTheRowsOfATask() throws {
        let shown = try tables("Phases of a task")
        try #require(shown.count == 2)
        #expect(
            shown[1]
                == TaskLife.rows.map {
                    [$0.event.rawValue, $0.from.map(\.rawValue).joined(separator: ", "), $0.to.rawValue]
                })
        #expect(shown[0].map { $0[0] } == TaskPhase.allCases.map(\.rawValue))
        for row in shown[0] {
            let phase = try #require(TaskPhase(rawValue: row[0]))
            let next = Set(TaskLife.Event.allCases.compactMap { TaskLife.after(phase, $0) }.map(\.rawValue))
            #expect(Self.names(row[2]) == next.subtracting([row[0]]), "\(row[0])")
            #expect(phase.isTerminal == next.isEmpty)
        }
    }

    @Test func thePageHasTheRowsOfAPlan() throws {
        let shown = try tables("Phases of a plan")
        try #require(shown.count == 2)
        #expect(
            shown[1]
                == PlanLife.rows.map {
                    [$0.event.rawValue, $0.from.map(\.rawValue).joined(separator: ", "), $0.to.rawValue]
                })
        #expect(shown[0].map { $0[0] } == PlanPhase.allCases.map(\.rawValue))
        for row in shown[0] {
            let phase = try #require(PlanPhase(rawValue: row[0]))
            let next = Set(PlanLife.Event.allCases.compactMap { PlanLife.after(phase, $0) }.map(\.rawValue))
            #expect(Self.names(row[2]) == next.subtracting([row[0]]), "\(row[0])")
            #expect(phase.isTerminal == (next == ["Planning"]))
        }
    }

    /// The phases that a cell names.
    private static func names(_ cell: String) -> Set<String> {
        Set(
            cell.split { !$0.isLetter }.map(String.init).filter {
                PlanPhase(rawValue: $0) != nil || TaskPhase(rawValue: $0) != nil
            })
    }

    // MARK: Tasks

    /// Something that a pass over a task may meet.
    struct Meeting: Sendable, CustomStringConvertible {
        let description: String
        /// What it is where the task is bound, and where it is pending; nil: nothing.
        let bound: TaskLife.Event?
        let pending: TaskLife.Event?
        var report: (phase: TaskReport.Phase, reason: Reason, exit: Int?)?
        var task: @Sendable (inout WorkTask) -> Void = { _ in }
        var plan: @Sendable (inout ExecutionPlan) -> Void = { _ in }
        var worker: @Sendable (inout Worker) -> Void = { _ in }
        var other: TaskPhase?
    }

    private static func lost(_ times: Int) -> @Sendable (inout WorkTask) -> Void {
        { task in
            task.status.attempt = times + 1
            // Long runs say nothing against the task.
            task.status.startedAt = start.wall - .minutes(1)
            task.status.attempts = (1...times).map { number in
                var attempt = AttemptRecord()
                attempt.attempt = number
                attempt.worker = "web-0-\(number)"
                attempt.phase = .failed
                attempt.reason = Reason.workerLost.rawValue
                return attempt
            }
        }
    }

    private static let meetings: [Meeting] = [
        Meeting(description: "nothing", bound: nil, pending: nil),
        Meeting(description: "its agent runs it", bound: .begins, pending: nil, report: (.running, .running, nil)),
        Meeting(description: "it ends with 0", bound: .succeeds, pending: nil, report: (.ended, .completed, 0)),
        Meeting(description: "it exits with 1", bound: .fails, pending: nil, report: (.ended, .exitedNonZero, 1)),
        Meeting(
            description: "it exits with 1, with a retry left", bound: .retries, pending: nil,
            report: (.ended, .exitedNonZero, 1), task: { $0.spec.retry.limit = 3 }),
        Meeting(description: "a signal kills it", bound: .fails, pending: nil, report: (.ended, .killedBySignal, nil)),
        Meeting(description: "it can't start", bound: .fails, pending: nil, report: (.ended, .couldNotStart, nil)),
        Meeting(
            description: "it is too slow, with a retry left", bound: .timesOut, pending: nil,
            report: (.ended, .timedOut, nil), task: { $0.spec.retry.limit = 3 }),
        Meeting(
            description: "its agent lost it", bound: .isLost, pending: nil, report: (.ended, .workerLost, nil)),
        Meeting(
            description: "somebody else stopped it", bound: .isLost, pending: nil,
            report: (.ended, .stoppedFromOutside, nil)),
        Meeting(
            description: "its worker is full", bound: .isLost, pending: nil, report: (.ended, .workerExhausted, nil)),
        Meeting(
            description: "its worker failed", bound: .isLost, pending: nil, worker: { $0.status.state = .failed }),
        Meeting(
            description: "its worker failed, as so often", bound: .isLostForGood, pending: nil,
            report: (.ended, .workerLost, nil), task: lost(9)),
        Meeting(
            description: "it was stopped as its worker drained", bound: .isLost, pending: nil,
            report: (.ended, .cancelled, nil), task: { $0.status.assignment?.stop = .preempted }),
        Meeting(
            description: "it was stopped as its plan was cancelled", bound: .isStopped, pending: .neverStarts,
            report: (.ended, .cancelled, nil), task: { $0.status.assignment?.stop = .cancelled },
            plan: { plan in
                plan.spec.cancel = true
                plan.status.endingSince = start.wall
                plan.status.endingReason = Reason.cancelled.rawValue
            }),
        Meeting(
            description: "it was stopped as its plan's time was up", bound: .timesOut, pending: .neverStarts,
            report: (.ended, .cancelled, nil), task: { $0.status.assignment?.stop = .timedOut },
            plan: { plan in
                plan.status.endingSince = start.wall
                plan.status.endingReason = Reason.timedOut.rawValue
            }),
        Meeting(description: "its plan is suspended", bound: nil, pending: nil, plan: { $0.spec.suspend = true }),
        Meeting(
            description: "its plan is deleted", bound: nil, pending: .neverStarts,
            plan: { $0.metadata.deletionTimestamp = start.wall }),
        Meeting(
            description: "what it depends on failed", bound: nil, pending: .neverStarts,
            task: { $0.spec.dependsOn = ["b"] }, other: .failed),
        Meeting(
            description: "what it depends on succeeded, and it is the fallback", bound: nil, pending: .isUnneeded,
            task: { task in
                task.spec.dependsOn = ["b"]
                task.spec.runWhen = .failed
            }, other: .succeeded),
    ]

    private func after(_ phase: TaskPhase, _ meeting: Meeting) -> TaskPhase {
        var task = phase.isBound ? WorkTask.running() : WorkTask.ended("a", phase)
        task.status.phase = phase
        if phase == .assigned { task.status.startedAt = nil }
        task.status.assignment?.stop = nil
        task.spec.retry.limit = 0
        meeting.task(&task)
        var plan = ExecutionPlan.sample()
        plan.status.phase = .running
        meeting.plan(&plan)
        var worker = Worker.sample()
        meeting.worker(&worker)
        var cache = Cache.holding(Region.sample(), task, plan, worker)
        if let other = meeting.other { cache.add(WorkTask.ended("b", other), version: 60) }
        var live = LiveState()
        if let report = meeting.report {
            live.reports[task.key] = [
                TaskReport(
                    task: task.key, taskUID: task.metadata.uid, workerUID: "uid-web-0-1", attempt: task.status.attempt,
                    fence: task.status.fence, sequence: 1, phase: report.phase, startedAt: start.wall - .minutes(1),
                    finishedAt: report.phase == .ended ? start.wall : nil, exitCode: report.exit, signal: nil,
                    reason: report.reason, message: nil, outputs: [:])
            ]
        }
        guard let world = TaskReconciler().gather(task.key, from: Snapshot(cache: cache, live: live, settings: .sample))
        else { preconditionFailure("no world") }
        return TaskReconciler().decide(world, now: start).status.phase
    }

    @Test func aTaskDoesWhatTheTableSaysWhateverItMeetsInWhicheverPhase() {
        var met: Set<TaskLife.Event> = [.isBound]
        for phase in TaskPhase.allCases {
            for meeting in Self.meetings {
                let event = phase.isBound ? meeting.bound : phase == .pending ? meeting.pending : nil
                // The end of an attempt that began says also that it began.
                let expected = event.flatMap { TaskLife.after(phase, $0) } ?? phase
                #expect(after(phase, meeting) == expected, "\(phase): \(meeting)")
                if let event { met.insert(event) }
            }
        }
        #expect(met == Set(TaskLife.Event.allCases), "each was met")
    }

    // MARK: Plans

    struct PlanMeeting: Sendable, CustomStringConvertible {
        let description: String
        /// Nil: whatever the phase, nothing.
        let event: PlanLife.Event?
        /// The phases of its two tasks.
        let tasks: [TaskPhase]
        /// What is true of a plan that has not begun or has ended is another thing.
        var isOfEnded = false
        var plan: @Sendable (inout ExecutionPlan) -> Void = { _ in }
        var task: @Sendable (inout WorkTask) -> Void = { _ in }
    }

    private static let planMeetings: [PlanMeeting] = [
        PlanMeeting(description: "its tasks wait", event: .unfolds, tasks: [.pending, .pending]),
        PlanMeeting(
            description: "its tasks wait for another attempt", event: .goesOn, tasks: [.pending, .pending],
            task: { $0.status.attempt = 1 }),
        PlanMeeting(description: "one runs", event: .goesOn, tasks: [.running, .pending]),
        PlanMeeting(description: "one has ended", event: .goesOn, tasks: [.succeeded, .pending]),
        PlanMeeting(
            description: "it is suspended", event: .isHeld, tasks: [.pending, .pending],
            plan: { $0.spec.suspend = true }),
        PlanMeeting(
            description: "nothing fits", event: .isHeld, tasks: [.succeeded, .pending],
            task: { $0.status.reason = Reason.noFeasibleWorker.rawValue }),
        PlanMeeting(description: "all succeeded", event: .succeeds, tasks: [.succeeded, .skipped]),
        PlanMeeting(description: "one failed", event: .fails, tasks: [.succeeded, .failed]),
        PlanMeeting(description: "one never ran", event: .fails, tasks: [.succeeded, .cancelled]),
        PlanMeeting(
            description: "its time is up", event: .fails, tasks: [.running, .pending],
            plan: { plan in
                plan.spec.scheduling.timeout = .minutes(1)
                plan.status.startedAt = start.wall - .hours(1)
            }),
        PlanMeeting(
            description: "it is cancelled", event: .isCancelled, tasks: [.succeeded, .cancelled],
            plan: { $0.spec.cancel = true }),
        PlanMeeting(
            description: "its spec asks for other work", event: .begins, tasks: [.succeeded, .succeeded],
            isOfEnded: true,
            plan: { plan in
                plan.metadata.generation = 2
                plan.spec.regions[0].tasks[0].run.command = ["other"]
            }),
        PlanMeeting(
            description: "its spec is suspended alone", event: nil, tasks: [.succeeded, .succeeded], isOfEnded: true,
            plan: { plan in
                plan.metadata.generation = 2
                plan.spec.suspend = true
            }),
    ]

    private func after(_ phase: PlanPhase, _ meeting: PlanMeeting) -> PlanPhase {
        var plan = ExecutionPlan.sample([.sample("a"), .sample("b")])
        plan.status.phase = phase
        plan.status.startedAt = start.wall - .seconds(10)
        plan.status.observedGeneration = 1
        plan.status.executionID = "uid-site-1"
        plan.status.specHash = SpecHash.of(plan.spec)
        if phase.isTerminal { plan.status.finishedAt = start.wall }
        meeting.plan(&plan)
        var cache = Cache.holding(Region.sample(), WorkerPool.sample(), plan, Worker.sample())
        for (index, name) in ["a", "b"].enumerated() {
            var task = meeting.tasks[index].isBound ? WorkTask.running(name) : .ended(name, meeting.tasks[index])
            if task.status.phase == .pending { meeting.task(&task) }
            cache.add(task, version: UInt64(60 + index))
        }
        guard
            let world = PlanReconciler().gather(
                plan.key, from: Snapshot(cache: cache, live: LiveState(), settings: .sample))
        else { preconditionFailure("no world") }
        return PlanReconciler().decide(world, now: start).status.phase
    }

    @Test func aPlanDoesWhatTheTableSaysWhateverItMeetsInWhicheverPhase() {
        var met: Set<PlanLife.Event> = []
        for phase in PlanPhase.allCases {
            for meeting in Self.planMeetings where meeting.isOfEnded == phase.isTerminal || !meeting.isOfEnded {
                let event = phase.isTerminal == meeting.isOfEnded ? meeting.event : nil
                let expected = event.flatMap { PlanLife.after(phase, $0) } ?? phase
                #expect(after(phase, meeting) == expected, "\(phase): \(meeting)")
                if let event { met.insert(event) }
            }
        }
        #expect(met.union([.isRefused]) == Set(PlanLife.Event.allCases), "each was met")
    }

    @Test func aPlanThatMakesNoSenseIsPending() {
        for phase in [PlanPhase.pending, .blocked] {
            var plan = ExecutionPlan.sample([.sample("a", after: ["a"])])
            plan.status.phase = phase
            guard
                let world = PlanReconciler().gather(
                    plan.key,
                    from: Snapshot(cache: .holding(Region.sample(), plan), live: LiveState(), settings: .sample))
            else { preconditionFailure("no world") }
            #expect(PlanReconciler().decide(world, now: start).status.phase == .pending)
        }
    }
}
