import Glibc
import Host
import Kernel
import Model
import ProcessKit
import Testing

/// What a guard is for: nothing of an attempt outlives it.
@Suite(.timeLimit(.minutes(2)))
struct GuardTests {
    /// Leaves one process in the group, one in a session of its own, and one that nobody of its family waits for.
    private static func family(_ marker: String) -> String {
        """
        sh -c 'sleep 1001 & echo \(marker) >/dev/null; wait' &
        setsid sh -c 'trap "" TERM; echo \(marker) >/dev/null; sleep 1002; sleep 1002' &
        (setsid sh -c 'trap "" TERM HUP; echo \(marker) >/dev/null; sleep 1003; sleep 1003' >/dev/null 2>&1 &)
        echo ready
        """
    }

    private func marker() throws -> (Scratch, String) {
        let scratch = try Scratch()
        return (scratch, String(scratch.path.split(separator: "/").last ?? ""))
    }

    /// Those of the attempt, found by what the script put into their command lines.
    private func members(_ marker: String) -> [ProcessEntry] { Processes.living(commandHolds: "echo \(marker)") }

    private func agent(_ scratch: Scratch, _ script: String, lease: Int? = nil) throws -> Int32 {
        let request = SpawnRequest(
            [Processes.fixture, "agent", scratch.path, script] + (lease.map { ["\($0)"] } ?? []), environment: [])
        return try request.spawn()
    }

    @Test("kill -9 of the agent ends the whole tree, with those who left its session and ignore SIGTERM")
    func agentDies() async throws {
        let (scratch, marker) = try marker()
        let pid = try agent(scratch, Self.family(marker) + "\nsleep 1000")
        try await eventually("the family lives") { members(marker).count >= 4 }
        let guardEntry = try #require(ProcessTable.descendants(of: pid).first { $0.parent == pid })
        #expect(guardEntry.session == guardEntry.pid, "the guard leads a session")
        kill(pid, SIGKILL)
        _ = try Children.wait(pid)
        try await eventually("all of it is gone", within: .seconds(5)) {
            members(marker).isEmpty && ProcessEntry(pid: guardEntry.pid).map(\.isDead) ?? true
        }
        let directory = scratch.path + "/task-1"
        let status = try #require(try scratch.text("task-1/status"))
        #expect(status.contains("finishedAt"), "it left a status: \(status)")
        #expect(try !FileLock.isHeld(directory + "/lock"))
        let next = try AttemptRunner(
            AttemptRunner.Settings(directory: scratch.path, guardCommand: [Processes.fixture, "guard"]),
            watcher: try Watcher())
        next.start(Runs.order("echo never"))
        var events = next.events.makeAsyncIterator()
        guard case .ended(_, let end) = await events.next() else {
            Issue.record("the next agent tells the end")
            return
        }
        #expect(end.reason == .killedBySignal)
    }

    @Test("The next agent waits for the guard of the last one, and then tells the end")
    func formerGuardStillThere() async throws {
        let (scratch, marker) = try marker()
        let pid = try agent(
            scratch, "trap '' TERM; echo \(marker) >/dev/null; echo ready; while :; do sleep 0.01; done")
        try await eventually("it runs") { try scratch.text("task-1/log")?.contains("ready") == true }
        kill(pid, SIGKILL)
        _ = try Children.wait(pid)
        let next = try AttemptRunner(
            AttemptRunner.Settings(directory: scratch.path, guardCommand: [Processes.fixture, "guard"]),
            watcher: try Watcher())
        next.start(Runs.order("echo never"))
        var events = next.events.makeAsyncIterator()
        guard case .ended(_, let end) = await events.next() else {
            Issue.record("its end is told")
            return
        }
        #expect(members(marker).isEmpty, "and not before all is gone")
        #expect(end.signal == 9)
    }

    @Test("kill -9 of the guard: the agent kills what it guarded and says so")
    func guardDies() async throws {
        let (_, marker) = try marker()
        let runs = try Runs()
        let order = Runs.order(Self.family(marker) + "\nsleep 1000")
        runs.runner.start(order)
        try await eventually("the family lives") { members(marker).count >= 4 }
        let leader = try #require(members(marker).first { $0.group == $0.pid && $0.session != $0.pid })
        kill(leader.parent, SIGKILL)
        let end = await runs.end(order.name)
        #expect(end?.reason == .stoppedFromOutside, "nobody of ours asked for it: no retry is used")
        #expect(end?.message?.contains("its guard died, and what it guarded was killed") == true)
        #expect(members(marker).isEmpty)
    }

    @Test("A guard that somebody else tells to end: no success, whatever the task makes of SIGTERM")
    func stoppedFromOutside() async throws {
        let (_, marker) = try marker()
        let runs = try Runs()
        let order = Runs.order("trap 'exit 0' TERM\n" + Self.family(marker) + "\nwhile :; do sleep 0.1; done")
        runs.runner.start(order)
        try await eventually("the family lives") { members(marker).count >= 4 }
        let leader = try #require(members(marker).first { $0.group == $0.pid && $0.session != $0.pid })
        kill(leader.parent, SIGTERM)
        let end = await runs.end(order.name)
        #expect(end?.reason == .stoppedFromOutside)
        #expect(end?.message?.contains("signal 15 to its guard") == true)
        #expect(end?.outputs.isEmpty == true)
        #expect(members(marker).isEmpty)
    }

    @Test("What a task leaves behind when it ends is killed before its end is told")
    func strays() async throws {
        let (_, marker) = try marker()
        let runs = try Runs()
        let order = Runs.order(Self.family(marker) + "\nsleep 0.2; exit 4")
        #expect(await runs.run(order)?.exitCode == 4)
        #expect(members(marker).isEmpty)
    }

    @Test("An exclusive attempt ends when its lease does; renewals carry it on")
    func lease() async throws {
        let runs = try Runs()
        var order = Runs.order("sleep 1000", killGrace: .milliseconds(100))
        let clock = SystemClock()
        let start = clock.now.instant
        order.lease = .init(duration: .seconds(2), from: start)
        runs.runner.start(order)
        await runs.started(order.name)
        await clock.sleep(until: start + .seconds(1))
        let renewed = clock.now.instant
        runs.runner.renew(order.name, from: renewed)
        let end = await runs.end(order.name)
        #expect(end?.signal == 15)
        // On a busy machine the renewal may have come too late; then it counted for nothing.
        let last = renewed - start < .seconds(2) ? renewed : start
        let lived = clock.now.instant - last
        #expect((.seconds(2)...(.seconds(12))).contains(lived), "\(lived) after its last renewal")
    }

    @Test("An exclusive attempt whose lease ran out on the way to its guard never begins")
    func lateStart() async throws {
        let runs = try Runs()
        var order = Runs.order("echo began")
        order.lease = .init(duration: .seconds(2), from: SystemClock().now.instant - .seconds(2))
        let end = await runs.run(order)
        #expect(end?.reason == .couldNotStart)
        #expect(end?.message?.contains("lease") == true)
        #expect(try runs.log(order.name).isEmpty)
    }

    /// Longer ones are for a machine so busy that a short lease ends before the task is up.
    @Test("A guard that was stopped past the lease kills at once when it goes on, whatever renewals it finds unread")
    func pausedGuard() async throws {
        for lease in [Duration.seconds(2), .seconds(8), .seconds(30)] where try await pause(lease) { return }
        Issue.record("the task was never up in time")
    }

    private func pause(_ lease: Duration) async throws -> Bool {
        let (_, marker) = try marker()
        let runs = try Runs()
        var order = Runs.order(
            "trap '' TERM; echo \(marker); while :; do sleep 0.01; done", killGrace: .milliseconds(200))
        let clock = SystemClock()
        let start = clock.now.instant
        order.lease = .init(duration: lease, from: start)
        runs.runner.start(order)
        try await eventually("it runs") { try runs.log(order.name).contains(marker) }
        guard let leader = members(marker).first, kill(leader.parent, SIGSTOP) == 0 else {
            _ = await runs.end(order.name)
            return false
        }
        let last = clock.now.instant
        runs.runner.renew(order.name, from: last)
        await clock.sleep(until: last + lease + .milliseconds(300))
        kill(leader.parent, SIGCONT)
        let goesOn = clock.now.instant
        let end = await runs.end(order.name)
        guard last - start < lease else { return false }
        #expect(end?.signal == 9)
        #expect(clock.now.instant - goesOn < .seconds(10))
        return true
    }

    @Test("A stopped task still ends at a terminate")
    func stoppedTask() async throws {
        let runs = try Runs()
        let order = Runs.order("echo ready; kill -STOP $$; echo never", killGrace: .seconds(60))
        runs.runner.start(order)
        try await eventually("it runs") { try runs.log(order.name).contains("ready") }
        runs.runner.terminate(order.name)
        #expect(await runs.end(order.name)?.signal == 15)
    }

    @Test("By hand, without an order, a guard says what it is and ends")
    func withoutAnOrder() throws {
        let pipe = try Descriptor.pipe()
        var request = SpawnRequest([Processes.fixture, "guard"], environment: [])
        request.descriptors = [nil, nil, pipe.write]
        #expect(try Children.wait(try request.spawn()) == .exited(64))
        guard case .bytes(let bytes) = try pipe.read.read(upTo: 4096) else {
            Issue.record("it says something")
            return
        }
        #expect(String(decoding: bytes, as: UTF8.self).hasPrefix("guard: started by the agent"))
    }

    @Test("Secrets in a task's environment are in no argument list and in no file of the attempt")
    func secrets() async throws {
        let runs = try Runs()
        var order = Runs.order("echo ready; sleep 1000", killGrace: .zero)
        order.environment = ["PASSWORD": "hunter2-\(runs.scratch.path)"]
        runs.runner.start(order)
        try await eventually("it runs") { try runs.log(order.name).contains("ready") }
        #expect(Processes.living(commandHolds: "hunter2").isEmpty)
        for name in try Files.names(in: runs.directory(order.name)) where !["work", "tmp"].contains(name) {
            #expect(try runs.scratch.text("attempts/\(order.name)/\(name)")?.contains("hunter2") != true, "in \(name)")
        }
        runs.runner.kill(order.name)
        _ = await runs.end(order.name)
    }
}
