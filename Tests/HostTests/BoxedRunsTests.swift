import Kernel
import Model
import Ports
import ProcessKit
import Synchronization
import Testing

@testable import Host

/// An engine that makes no containers, for what happens before there is one.
private final class NoEngine: ContainerEngine {
    let refusal: ProviderError?
    let hangs: Bool
    let ended = Mutex(0)
    private let arrivals = AsyncStream.makeStream(of: Void.self)

    init(refusal: ProviderError? = nil, hangs: Bool = false) {
        self.refusal = refusal
        self.hangs = hangs
    }

    func arrived() async { for await _ in arrivals.stream { return } }

    func user(for agent: ContainerUser.Account) async throws(ProviderError) -> ContainerUser {
        ContainerUser(inside: agent, outside: agent)
    }

    func image(_ name: String) async throws(ProviderError) -> ContainerImage {
        arrivals.continuation.yield()
        if hangs {
            do { try await Task.sleep(for: .seconds(3600)) } catch { throw ProviderError(.unavailable, "cut off") }
        }
        if let refusal { throw refusal }
        return ContainerImage()
    }

    func run(_ order: ContainerOrder) async throws(ProviderError) {}
    func end(clusterID: String, taskUID: String, attempt: Int) async throws(ProviderError) {
        ended.withLock { $0 += 1 }
    }
    func isThere(clusterID: String, taskUID: String, attempt: Int) async throws(ProviderError) -> Bool { false }
    func clean(clusterID: String, workerUID: String) async throws(ProviderError) {}
}

@Suite(.timeLimit(.minutes(1)))
struct BoxedRunsTests {
    private func runner(_ scratch: Scratch, _ engine: NoEngine?) throws -> AttemptRunner {
        var settings = AttemptRunner.Settings(
            directory: scratch.path + "/attempts", guardCommand: [Processes.fixture, "guard"])
        settings.containers = engine.map { .init(engine: $0, clusterID: "c", workerUID: "w") }
        return try AttemptRunner(settings, watcher: try Watcher())
    }

    private func order(_ command: [String] = ["true"]) -> AttemptOrder {
        var order = AttemptOrder(name: AttemptName(taskUID: "task", attempt: 1), command: command)
        order.image = "tool:1"
        return order
    }

    private func end(_ runner: AttemptRunner) async -> AttemptEnd? {
        for await event in runner.events { if case .ended(_, let end) = event { return end } }
        return nil
    }

    @Test("Without an engine it could not start, and says what to do")
    func noEngine() async throws {
        let scratch = try Scratch()
        let runner = try runner(scratch, nil)
        runner.start(order())
        let end = await end(runner)
        #expect(end?.reason == .couldNotStart)
        #expect(end?.message?.contains("no container engine for image tool:1") == true, "\(String(describing: end))")
    }

    @Test(
        "What the engine refuses, and a container whose guard is never heard of",
        arguments: [
            (
                ProviderError?.some(.init(.invalid, "image tool:1 is nowhere: load it")), ["true"],
                "image tool:1 is nowhere: load it"
            ),
            (nil, [], "image tool:1 names no command of its own: say one in run.command"),
            (nil, ["true"], "ended before its guard was heard of: the engine must be on the worker's own machine"),
        ])
    func refused(_ refusal: ProviderError?, _ command: [String], _ says: String) async throws {
        let scratch = try Scratch()
        let engine = NoEngine(refusal: refusal)
        let runner = try runner(scratch, engine)
        runner.start(order(command))
        let end = await end(runner)
        #expect(end?.reason == .couldNotStart)
        #expect(end?.message?.contains(says) == true, "\(String(describing: end))")
        let isBegun = says.hasPrefix("ended")
        #expect(engine.ended.withLock { $0 } == (isBegun ? 1 : 0), "whatever was begun is undone")
        try await eventually("its lock is free") { try !FileLock.isHeld("\(scratch.path)/attempts/task-1/lock") }
        try runner.forget(AttemptName(taskUID: "task", attempt: 1))
        #expect(try runner.known().isEmpty)
    }

    @Test("Stopped while its image is on its way, it never begins")
    func stopped() async throws {
        let scratch = try Scratch()
        let engine = NoEngine(hangs: true)
        let runner = try runner(scratch, engine)
        runner.start(order())
        await engine.arrived()
        runner.terminate(order().name)
        let end = await end(runner)
        #expect(end?.reason == .couldNotStart)
        #expect(end?.message == "it was stopped before its container had started")
    }

    @Test(
        "What the kernel says of a container's memory",
        arguments: [
            ("low 0\nhigh 0\nmax 12\noom 1\noom_kill 2\noom_group_kill 0\n", 2),
            ("oom_kill_disable 0\nunder_oom 0\noom_kill 1\n", 1), ("low 0\noom_kill 0\n", 0), ("", 0),
            ("oom_kill x", 0),
        ])
    func memory(_ text: String, _ kills: Int) { #expect(MemoryLimit.kills(text) == kills) }

    // MARK: What a guard needs

    @Test("What a program loads, as its loader lists it")
    func listing() {
        let files = ProgramFiles(
            program: "/opt/tool",
            listing: """
                \tlinux-vdso.so.1 (0x00007ffd)
                \tlibyaml-0.so.2 => /lib/x86_64-linux-gnu/libyaml-0.so.2 (0x00007f1)
                \tlibswiftCore.so => /opt/swift/lib/../libswiftCore.so (0x00007f2)
                \tlibgone.so.1 => not found
                \t/lib64/ld-linux-x86-64.so.2 (0x00007f3)
                """)
        #expect(files.loader == "/lib64/ld-linux-x86-64.so.2")
        #expect(
            files.libraries == [
                "libyaml-0.so.2": "/lib/x86_64-linux-gnu/libyaml-0.so.2",
                "libswiftCore.so": "/opt/swift/lib/../libswiftCore.so",
            ])
        #expect(files.missing == ["libgone.so.1"])
        #expect(
            files.mounts.map(\.target) == [
                "/reconcile/program/tool", "/reconcile/program/loader", "/reconcile/program/lib/libswiftCore.so",
                "/reconcile/program/lib/libyaml-0.so.2",
            ])
        #expect(files.mounts.filter { !$0.isReadOnly } == [])
        #expect(
            files.command(["guard"]) == [
                "/reconcile/program/loader", "--library-path", "/reconcile/program/lib", "/reconcile/program/tool",
                "guard",
            ])
        let fixed = ProgramFiles(program: "/opt/tool", listing: "\tstatically linked\n")
        #expect(fixed.mounts.count == 1 && fixed.command([]) == ["/reconcile/program/tool"])
    }

    @Test("The loader of a real program is asked")
    func realListing() throws {
        let files = try ProgramFiles.find(Processes.fixture)
        #expect(files.missing.isEmpty)
        #expect(files.loader.map(Files.exists) == true)
        #expect(files.libraries.keys.contains { $0.hasPrefix("libc.so") })
        #expect(files.libraries.values.allSatisfy(Files.exists))
    }
}
