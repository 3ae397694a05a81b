import Glibc
import Host
import Kernel
import Model
import Ports
import ProcessKit
import Testing

@Suite(.timeLimit(.minutes(2)))
struct AttemptRunnerTests {
    @Test("A task that ends well: its outputs, its log, its times, and events once each")
    func completes() async throws {
        let runs = try Runs()
        let order = Runs.order(#"echo out; echo err >&2; echo "A=1" >> "$RECONCILE_OUTPUT""#)
        runs.runner.start(order)
        var seen: [AttemptEvent] = []
        for await event in runs.runner.events {
            seen.append(event)
            if case .ended = event { break }
        }
        guard seen.count == 2, case .started(order.name, let start) = seen[0],
            case .ended(order.name, let end) = seen[1]
        else {
            Issue.record("started, then ended: \(seen)")
            return
        }
        #expect(end.reason == .completed)
        #expect(end.exitCode == 0)
        #expect(end.outputs == ["A": "1"])
        #expect(end.message == nil)
        #expect(end.startedAt == start)
        #expect(try #require(end.finishedAt) >= start)
        #expect(try runs.log(order.name) == "out\nerr\n")
    }

    @Test(
        "A task that takes more of the disk than it may is ended, and told what to ask for; one that takes less is not",
        arguments: [(asked: Int64?.none, standard: Int64?(8 << 20)), (8 << 20, nil), (8 << 20, 1 << 30)])
    func storage(_ row: (asked: Int64?, standard: Int64?)) async throws {
        let runs = try Runs(storage: row.standard)
        let watch = Task { await runs.runner.boundStorage() }
        defer { watch.cancel() }
        func order(_ task: String, megabytes: Int, _ then: String) -> AttemptOrder {
            // Two directories deep, and one of them hidden.
            let write = "mkdir -p .a/b; head -c \(megabytes << 20) /dev/zero > .a/b/file; sync .a/b/file"
            var order = Runs.order("\(write); \(then)", task: task)
            order.limits.storage = row.asked.map { Quantity($0) }
            return order
        }
        // What the larger one writes grows the file system for both.
        let (modest, greedy) = (order("modest", megabytes: 4, "sleep 2"), order("greedy", megabytes: 24, "sleep 60"))
        runs.runner.start(modest)
        runs.runner.start(greedy)
        var ends: [AttemptName: AttemptEnd] = [:]
        for await event in runs.runner.events {
            if case .ended(let name, let end) = event { ends[name] = end }
            if ends.count == 2 { break }
        }
        #expect(ends[modest.name]?.reason == .completed)
        let end = try #require(ends[greedy.name])
        #expect(end.reason == .killedBySignal && end.signal == 9, "\(end)")
        #expect(end.note?.contains("more than the 8 MiB of disk") == true, "\(end)")
        #expect(
            end.note?.contains("requires.storage") == true && end.message?.hasSuffix(end.note ?? "?") == true, "\(end)")
    }

    struct End: Sendable, CustomStringConvertible {
        let because: String
        let script: String
        let reason: Reason
        var exitCode: Int?
        var signal: Int?
        var message: String?
        var description: String { because }
    }

    @Test(arguments: [
        End(
            because: "a code other than 0", script: "exit 3", reason: .exitedNonZero, exitCode: 3,
            message: "exited with code 3"),
        End(
            because: "a signal of its own", script: "kill -TERM $$", reason: .killedBySignal, signal: 15,
            message: "ended by signal 15"),
        End(
            because: "an output that is too large",
            script: "head -c 5000 /dev/zero | tr '\\0' x | sed 's/^/BIG=/' > $RECONCILE_OUTPUT",
            reason: .outputTooLarge, exitCode: 0,
            message: "output BIG has 5000 bytes, 4096 are allowed; pass a reference instead"),
        End(
            because: "outputs that can't be read back", script: "mkdir $RECONCILE_OUTPUT", reason: .outputTooLarge,
            exitCode: 0,
            message: "the file behind $RECONCILE_OUTPUT can't be read back (Is a directory)"),
        End(
            because: "a failure with a line that is no output", script: "echo nonsense > $RECONCILE_OUTPUT; exit 1",
            reason: .exitedNonZero, exitCode: 1,
            message: "exited with code 1; line 1 of $RECONCILE_OUTPUT is not KEY=VALUE and was left out"),
    ])
    func ends(_ row: End) async throws {
        let runs = try Runs()
        let end = try #require(await runs.run(Runs.order(row.script)))
        #expect(end.reason == row.reason, "\(row.because)")
        #expect(end.exitCode == row.exitCode)
        #expect(end.signal == row.signal)
        #expect(end.message == row.message)
    }

    @Test("What can't be started says what was missing, and where it was looked for")
    func couldNotStart() async throws {
        let runs = try Runs()
        let text = runs.scratch.path + "/text"
        try Files.replace(text, Array("text".utf8))
        let cases: [([String], String?, String)] = [
            (
                ["no-such-program", "x"], nil,
                "the program \"no-such-program\" was not found on this worker (PATH is \"/usr/bin:/bin\")"
            ),
            (["/no/such/program"], nil, "/no/such/program does not exist on this worker"),
            ([text], nil, "\(text) is not an executable file"),
            ([], nil, "the command is empty"),
            ([""], nil, "the command is empty"),
            (["true"], "/no/such/directory", "the working directory /no/such/directory does not exist on this worker"),
        ]
        for (index, (command, directory, message)) in cases.enumerated() {
            let end = await runs.run(
                AttemptOrder(
                    name: AttemptName(taskUID: "t", attempt: index), command: command, workingDirectory: directory))
            #expect(end?.reason == .couldNotStart)
            #expect(end?.message?.hasPrefix(message) == true, "\(end?.message ?? "")")
        }
        let unsafe = await runs.run(AttemptOrder(name: AttemptName(taskUID: "../x", attempt: 1), command: ["true"]))
        #expect(unsafe?.reason == .couldNotStart)
        let missing = try Runs(guardCommand: ["/no/guard"])
        let noGuard = await missing.run(Runs.order("true"))
        #expect(noGuard?.message == "the worker could not start it: start /no/guard: No such file or directory")
    }

    @Test("A task sees a clean environment, its own directories, no descriptors but its three, and no blocked signals")
    func surroundings() async throws {
        let runs = try Runs()
        setenv("LEAKED_FROM_THE_AGENT", "1", 1)
        var order = Runs.order("pwd; env; grep SigBlk /proc/self/status; stat -c %a . ..")
        order.environment = ["STAGE": "prod", "LANG": "de_DE.UTF-8"]
        _ = await runs.run(order)
        let lines = try runs.log(order.name).split(separator: "\n").map(String.init)
        let directory = runs.directory(order.name)
        #expect(lines.first == directory + "/work")
        for wanted in [
            "STAGE=prod", "LANG=de_DE.UTF-8", "PATH=/usr/bin:/bin", "HOME=\(directory)/work", "TMPDIR=\(directory)/tmp",
            "RECONCILE_OUTPUT=\(directory)/output",
        ] { #expect(lines.contains(wanted), "\(wanted)") }
        #expect(!lines.contains { $0.contains("LEAKED") })
        #expect(lines.contains("SigBlk:\t0000000000000000"))
        #expect(lines.suffix(2) == ["700", "700"])
        let list = AttemptOrder(name: AttemptName(taskUID: "list", attempt: 1), command: ["ls", "/proc/self/fd"])
        _ = await runs.run(list)
        #expect(try runs.log(list.name) == "0\n1\n2\n3\n", "the last is the listing's own")
    }

    @Test("Starting is idempotent: while it runs, after it ended, and across a restart of the agent")
    func startIsIdempotent() async throws {
        let runs = try Runs()
        let order = Runs.order("echo run; echo A=1 > $RECONCILE_OUTPUT; sleep 0.1")
        runs.runner.start(order)
        runs.runner.start(order)
        let first = try #require(await runs.end(order.name))
        let again = try #require(await runs.run(order))
        #expect(again == first)
        let next = try Runs(scratch: runs.scratch)
        #expect(try next.runner.known() == [order.name])
        #expect(await next.run(order) == first)
        #expect(try runs.log(order.name) == "run\n", "it ran once")
        try next.runner.forget(order.name)
        #expect(try next.runner.known() == [])
        #expect(!Files.exists(runs.directory(order.name)))
    }

    @Test("terminate is SIGTERM; a task that ignores it is killed after the grace; kill does not ask")
    func stopping() async throws {
        let runs = try Runs()
        let polite = Runs.order(
            "trap 'echo bye; exit 5' TERM; echo ready; while :; do sleep 0.01; done", task: "polite")
        runs.runner.start(polite)
        try await eventually("it is ready") { try runs.log(polite.name).contains("ready") }
        runs.runner.terminate(polite.name)
        #expect(await runs.end(polite.name)?.exitCode == 5)
        #expect(try runs.log(polite.name).contains("bye"))

        let deaf = Runs.order(
            "trap '' TERM; echo ready; while :; do sleep 0.01; done", task: "deaf", killGrace: .milliseconds(300))
        runs.runner.start(deaf)
        try await eventually("it is ready") { try runs.log(deaf.name).contains("ready") }
        let asked = ContinuousClock.now
        runs.runner.terminate(deaf.name)
        #expect(await runs.end(deaf.name)?.signal == 9)
        #expect((.milliseconds(300)...(.seconds(5))).contains(ContinuousClock.now - asked))

        let long = Runs.order("sleep 1000", task: "long", killGrace: .seconds(1000))
        runs.runner.start(long)
        await runs.started(long.name)
        runs.runner.kill(long.name)
        #expect(await runs.end(long.name)?.signal == 9)
    }

    @Test("A log beyond its bound keeps its beginning and its end, and can be read from any byte on")
    func logBound() async throws {
        let runs = try Runs()
        let order = Runs.order("echo first; head -c 3000000 /dev/zero | tr '\\0' x; echo; echo last")
        _ = await runs.run(order)
        let log = try runs.log(order.name)
        #expect(log.utf8.count <= 1 << 20)
        #expect(log.hasPrefix("first\nxxx") && log.hasSuffix("xxx\nlast\n"))
        #expect(log.contains(" bytes left out]\n"))
        let part = try #require(try runs.runner.readLog(order.name, from: 2, limit: 3))
        #expect(part.bytes == Array("rst".utf8))
        #expect(part.total == log.utf8.count)
        #expect(try runs.runner.readLog(order.name, from: 5 << 20, limit: 10)?.bytes == [])
        #expect(try runs.runner.readLog(AttemptName(taskUID: "none", attempt: 1), from: 0, limit: 1) == nil)
    }

    @Test("A log can be followed while the task runs")
    func logGrows() async throws {
        let runs = try Runs()
        let order = Runs.order("echo one; sleep 1000", killGrace: .zero)
        runs.runner.start(order)
        try await eventually("the first line is there") { try runs.log(order.name) == "one\n" }
        runs.runner.kill(order.name)
        _ = await runs.end(order.name)
    }

    @Test("More than the bound at once is refused, and the others run on")
    func bound() async throws {
        let runs = try Runs(maxAttempts: 2)
        for task in ["a", "b"] { runs.runner.start(Runs.order("sleep 1000", task: task)) }
        let refused = await runs.run(Runs.order("true", task: "c"))
        #expect(refused?.reason == .couldNotStart)
        for task in ["a", "b"] {
            runs.runner.kill(AttemptName(taskUID: task, attempt: 1))
            #expect(await runs.end(AttemptName(taskUID: task, attempt: 1))?.signal == 9)
        }
        #expect(await runs.run(Runs.order("true", task: "d"))?.reason == .completed)
    }

    @Test("A hundred at once; and no descriptor, process or thread of theirs is left")
    func aHundredAtOnce() async throws {
        let runs = try Runs()
        _ = await runs.run(Runs.order("true", task: "warm-up"))
        let before = Processes.openDescriptors
        let names = (0..<100).map { AttemptName(taskUID: "t\($0)", attempt: 1) }
        for name in names {
            runs.runner.start(Runs.order("echo N=\(name) > $RECONCILE_OUTPUT; sleep 0.05", task: name.taskUID))
        }
        var ends: [AttemptName: AttemptEnd] = [:]
        for await event in runs.runner.events {
            if case .ended(let name, let end) = event { ends[name] = end }
            if ends.count == names.count { break }
        }
        for name in names { #expect(ends[name]?.outputs == ["N": "\(name)"]) }
        // Other suites run beside this one: their descriptors come and go.
        try await eventually("all descriptors are closed") { Processes.openDescriptors <= before + 8 }
        #expect(Processes.living(commandHolds: runs.scratch.path).isEmpty)
    }
}
