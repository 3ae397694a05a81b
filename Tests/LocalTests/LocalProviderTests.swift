import Glibc
import Kernel
import Local
import Model
import Ports
import ProcessKit
import ProviderConformance
import Testing

@Suite(.timeLimit(.minutes(2)))
struct LocalProviderTests {
    @Test(
        "A worker is told its launch by a descriptor: neither its arguments, its environment nor a record hold the token"
    )
    func secretsStayOffTheCommandLine() async throws {
        let world = try LocalWorld()
        try await world.local().create(world.request(uid: "told"))
        let directory = world.directory("told")
        try await eventually("the worker heard its launch") { try Files.read(directory + "/told", limit: 99) != nil }
        #expect(try Files.read(directory + "/told", limit: 99) == Array("single-use-token".utf8))
        let pid = try #require(world.living("told").first).pid
        for file in ["/proc/\(pid)/cmdline", "/proc/\(pid)/environ", directory + "/record", directory + "/identity"] {
            let text = String(decoding: try Files.read(file, limit: 1 << 20) ?? [], as: UTF8.self)
            #expect(!text.contains("single-use-token"), "in \(file)")
        }
    }

    @Test("A worker outlives its controller, in a session of its own, and the next controller has it")
    func adoption() async throws {
        let world = try LocalWorld()
        let create = SpawnRequest(
            [Processes.fixture, "create", world.state, world.clusterID, "adopted", world.namespace],
            environment: ["PATH=/usr/bin:/bin"])
        #expect(try Children.wait(try create.spawn()) == .exited(0), "the first controller has come and gone")
        let worker = try #require(world.living("adopted").first)
        #expect(worker.session == worker.pid)
        let provider = try world.local()
        let request = world.request(uid: "adopted")
        let seen = try await provider.observe(world.ref(request))
        #expect(seen.state == .running)
        #expect(seen.providerID?.hasSuffix("/\(worker.pid)/\(worker.startTime)") == true)
        try await world.releaseUntilGone(provider, world.ref(request))
        try await provider.release(world.ref(request))
        #expect(!Files.exists(world.directory("adopted")), "nothing is left of it")
    }

    @Test("kill -9 of a worker is seen at once, by its parent and by a controller that adopted it")
    func deathIsSeenAtOnce() async throws {
        let world = try LocalWorld()
        let parent = try world.local()
        try await parent.create(world.request(uid: "victim"))
        try await eventually("it lives") { world.living("victim").count == 1 }
        let other = try world.local()
        let started = ContinuousClock.now
        try await world.kill(uid: "victim")
        for provider in [parent, other] {
            while case .running = try await provider.observe(world.ref(world.request(uid: "victim"))).state {
                await provider.awaitChange(limit: .seconds(30))
            }
        }
        // By its event and not by the limit: some milliseconds, and seconds on a machine that is busy with other tests.
        #expect(ContinuousClock.now - started < .seconds(10))
        let ref = world.ref(world.request(uid: "victim"))
        #expect(try await parent.observe(ref).state == .exited(code: nil, signal: 9), "the parent knows how it ended")
    }

    @Test("Six controllers in six processes and two more here create twenty-four times: one worker")
    func oneWorkerUnderContention() async throws {
        let world = try LocalWorld()
        let create = SpawnRequest(
            [Processes.fixture, "create", world.state, world.clusterID, "contended", world.namespace],
            environment: ["PATH=/usr/bin:/bin"])
        try Files.makeDirectories(world.state)
        let children = try (0..<6).map { _ in try create.spawn() }
        let providers = [try world.local(), try world.local()]
        try await withThrowingTaskGroup(of: Void.self) { group in
            for index in 0..<18 {
                group.addTask { try await providers[index % 2].create(world.request(uid: "contended")) }
            }
            try await group.waitForAll()
        }
        for child in children { #expect(try Children.wait(child) == .exited(0)) }
        try await eventually("one came to life") { world.living("contended").count == 1 }
        try await steadily("and one it stays", for: .milliseconds(200)) { world.living("contended").count == 1 }
    }

    @Test(
        "A controller that dies before the launch leaves no worker: what it started ends unheard, and another may create"
    )
    func unheardWorkerEnds() async throws {
        let world = try LocalWorld()
        let provider = try world.local()
        let directory = world.directory("unheard")
        try Files.makeDirectories(directory)
        let lock = try #require(try FileLock.take(directory + "/lock"))
        let (ours, theirs) = try Descriptor.pair()
        var spawn = SpawnRequest([Processes.fixture, "worker", "x/unheard"], environment: [])
        spawn.descriptors = [nil, nil, nil, theirs, lock.descriptor]
        let pid = try spawn.spawn()
        #expect(ours.send(Array(#"{"gateway":"https://"#.utf8)), "half a launch")
        _ = consume ours
        _ = consume theirs
        _ = consume lock
        spawn.descriptors = []
        #expect(try Children.wait(pid) != .exited(0), "half a launch is none")
        try await provider.create(world.request(uid: "unheard"))
        try await eventually("the next create makes it") { world.living("unheard").count == 1 }
    }

    @Test("A worker that ignores SIGTERM is killed once the grace is over, and only by asking again")
    func escalation() async throws {
        let world = try LocalWorld(environment: ["FIXTURE_IGNORES_TERM": "1"], releaseGrace: .milliseconds(300))
        let provider = try world.local()
        let ref = world.ref(world.request(uid: "deaf"))
        try await provider.create(world.request(uid: "deaf"))
        try await eventually("it heard its launch") { Files.exists(world.directory("deaf") + "/told") }
        try await provider.release(ref)
        #expect(try await provider.observe(ref).state == .stopping)
        try await steadily("one asking sends no SIGKILL", for: .milliseconds(500)) { world.living("deaf").count == 1 }
        try await provider.release(ref)
        await provider.awaitChange(limit: .seconds(10))
        #expect(try await provider.observe(ref).state == .exited(code: nil, signal: 9))
    }

    @Test("An orderly exit leaves its code to a controller that is not the parent, and its log outlives the directory")
    func exitCodeAndLog() async throws {
        let world = try LocalWorld()
        let script = "echo hello; read -r launch <&3; exit 7"
        let provider = try world.local(command: ["/bin/sh", "-c", script])
        let ref = world.ref(world.request(uid: "short"))
        try await provider.create(world.request(uid: "short"))
        try await eventually("its end is seen") {
            try await provider.observe(ref).state == .exited(code: 7, signal: nil)
        }
        let other = try world.local()
        #expect(try await other.observe(ref).state == .exited(code: 7, signal: nil))
        try await other.release(ref)
        #expect(!Files.exists(world.directory("short")))
        #expect(try Files.read("\(world.state)/logs/short.log", limit: 99) == Array("hello\n".utf8))
    }

    @Test("Of a worker that has ended the files of its attempts tell when it was last seen")
    func lastSignOfLife() async throws {
        let world = try LocalWorld()
        let guards = "mkdir -p attempts/a-1 attempts/b-1; touch -d @1500000000 attempts/a-1/log"
        let script = "read -r launch <&3; \(guards); touch -d @1500000007 attempts/b-1/status; exit 3"
        let provider = try world.local(command: ["/bin/sh", "-c", script])
        let ref = world.ref(world.request(uid: "seen"))
        try await provider.create(world.request(uid: "seen"))
        try await eventually("its end is seen") { try await provider.observe(ref).state.isOver }
        #expect(try await provider.observe(ref).lastSeen == Timestamp(milliseconds: 1_500_000_007_000))
        try await world.releaseUntilGone(provider, ref)
    }

    @Test("After a restart of the machine a worker has ended, whoever has its process number now")
    func restartOfTheMachine() async throws {
        let world = try LocalWorld()
        let script = "read -r launch <&3"
        let provider = try world.local(command: ["/bin/sh", "-c", script])
        let ref = world.ref(world.request(uid: "old"))
        try await provider.create(world.request(uid: "old"))
        try await eventually("it has ended") { try await provider.observe(ref).state.isOver }
        let mine = try #require(ProcessIdentity.current)
        let stale = ProcessIdentity(bootID: "another-boot", pid: mine.pid, startTime: mine.startTime)
        try Files.remove(world.directory("old") + "/exit")
        try Files.replace(world.directory("old") + "/identity", Array("\(stale)".utf8))
        let after = try world.local()
        #expect(try await after.observe(ref).state == .exited(code: nil, signal: nil))
        try await after.create(world.request(uid: "old"))
        #expect(world.living("old").isEmpty, "and is not started again under its uid")
        try await after.release(ref)
        #expect(try await after.inventory(clusterID: world.clusterID).isEmpty, "and this process lives to tell")
    }

    @Test("While guards of a dead worker live, it has not ended")
    func guardsCount() async throws {
        let world = try LocalWorld()
        // Its child inherits the lock as a guard does.
        let provider = try world.local(command: ["/bin/sh", "-c", "read -r launch <&3; sleep 1000 & wait"])
        let ref = world.ref(world.request(uid: "parent"))
        try await provider.create(world.request(uid: "parent"))
        let worker = try #require(world.living("parent").first)
        try await eventually("the child lives") {
            ProcessTable.descendants(of: worker.pid).count == 1
        }
        let child = try #require(ProcessTable.descendants(of: worker.pid).first)
        kill(worker.pid, SIGKILL)
        try await eventually("the death is seen") { try await provider.observe(ref).state == .stopping }
        try await provider.release(ref)
        #expect(try await provider.observe(ref).state == .stopping)
        kill(child.pid, SIGKILL)
        try await eventually("now it has ended") { try await provider.observe(ref).state.isOver }
    }

    @Test("What a worker and its guards left when all were killed at once ends before the worker has ended")
    func leftoversCount() async throws {
        let world = try LocalWorld()
        // A task's process, in a session of its own, without the lock: its guard is gone.
        let task = "mkdir -p attempts/uid-1; RECONCILE_OUTPUT=$PWD/attempts/uid-1/output setsid sleep 1000 4>&-"
        let provider = try world.local(command: ["/bin/sh", "-c", "read -r launch <&3; \(task) & wait"])
        let ref = world.ref(world.request(uid: "felled"))
        try await provider.create(world.request(uid: "felled"))
        let worker = try #require(world.living("felled").first)
        let variable = "RECONCILE_OUTPUT=\(world.directory("felled"))/"
        try await eventually("the task runs") { ProcessTable.members(havingVariable: variable).count == 1 }
        kill(worker.pid, SIGKILL)
        try await eventually("it has ended") { try await provider.observe(ref).state.isOver }
        #expect(ProcessTable.members(havingVariable: variable).isEmpty, "and its task before it")
        try await world.releaseUntilGone(provider, ref)
    }

    @Test(arguments: ["", "..", "a/b", "a b", String(repeating: "x", count: 65)])
    func aUidThatIsNoFileNameIsRefused(_ uid: String) async throws {
        let world = try LocalWorld()
        let provider = try world.local()
        await #expect(throws: ProviderError.self) { try await provider.create(world.request(uid: uid)) }
        await #expect(throws: ProviderError.self) { try await provider.release(world.ref(world.request(uid: uid))) }
    }

    @Test("A worker's program that does not exist is the caller's mistake, and leaves nothing that counts as a worker")
    func missingProgram() async throws {
        let world = try LocalWorld()
        let provider = try world.local(command: ["/nonexistent/reconcile"])
        do throws(ProviderError) {
            try await provider.create(world.request(uid: "none"))
            Issue.record("it can't have started")
        } catch {
            #expect(error.code == .invalid)
            #expect(error.message.contains("/nonexistent/reconcile"))
        }
        #expect(try await provider.inventory(clusterID: world.clusterID).isEmpty)
        #expect(try await provider.observe(world.ref(world.request(uid: "none"))).state == .absent)
    }
}

extension Observation.State {
    fileprivate var isOver: Bool { if case .exited = self { true } else { false } }
}

extension ProviderWorld {
    fileprivate func releaseUntilGone(_ provider: any WorkerProvider, _ ref: WorkerRef) async throws {
        try await eventually("it is gone") {
            try await provider.release(ref)
            if case .exited = try await provider.observe(ref).state { return true } else { return false }
        }
    }
}
