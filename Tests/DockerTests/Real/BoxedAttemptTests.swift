import Glibc
import HTTP
import Host
import Kernel
import Model
import Ports
import ProcessKit
import Testing
import Tree

@testable import Docker

/// Attempts in containers keep the contract that attempts as processes keep.
@Suite(.enabled(if: Engine.isThere, Engine.hint), .timeLimit(.minutes(4)))
struct BoxedAttemptTests {
    @Test("A task that ends well: its outputs, its log, its times; afterwards nothing is left")
    func completes() async throws {
        try await boxed { boxes in
            let order = boxes.order(#"echo out; echo err >&2; echo "A=1" >> "$RECONCILE_OUTPUT"; pwd; touch here"#)
            boxes.runner.start(order)
            await boxes.started(order.name)
            let end = try #require(await boxes.end(order.name))
            #expect(end.reason == .completed, "\(end)")
            #expect(end.exitCode == 0)
            #expect(end.outputs == ["A": "1"])
            #expect(end.message == nil)
            #expect(try #require(end.finishedAt) >= (try #require(end.startedAt)))
            #expect(try boxes.log(order.name) == "out\nerr\n/reconcile/attempt/work\n")
            try boxes.runner.forget(order.name)
            #expect(try boxes.runner.known().isEmpty)
            try await eventually("its container is gone") { try await boxes.isClean() }
        }
    }

    struct End: Sendable, CustomStringConvertible {
        let because: String
        let command: [String]
        var image = Engine.busybox
        let reason: Reason
        var exitCode: Int?
        var signal: Int?
        var says: String?
        var description: String { because }
    }

    @Test(arguments: [
        End(because: "a code other than 0", command: ["sh", "-c", "exit 3"], reason: .exitedNonZero, exitCode: 3),
        End(
            because: "a signal of its own", command: ["sh", "-c", "kill -TERM $$"], reason: .killedBySignal,
            signal: 15),
        End(
            because: "no such program", command: ["no-such-thing"], reason: .couldNotStart,
            says: "the program \"no-such-thing\" was not found in image \(Engine.busybox)"),
        End(
            because: "nothing in the image", command: ["sh"], image: Engine.empty, reason: .couldNotStart,
            says: "was not found in image \(Engine.empty)"),
        End(
            because: "no command, and none in the image", command: [], image: Engine.empty, reason: .couldNotStart,
            says: "names no command of its own: say one in run.command"),
        End(
            because: "an image that is nowhere", command: ["true"], image: "127.0.0.1:1/no-such/image:1",
            reason: .couldNotStart, says: "load it there (docker load, docker import), or make its registry reachable"),
        End(
            because: "outputs that lead out of the container",
            command: ["sh", "-c", "ln -s /etc/hostname $RECONCILE_OUTPUT"], reason: .outputTooLarge, exitCode: 0,
            says: "can't be read back"),
        End(
            because: "outputs that would be waited for", command: ["sh", "-c", "mkfifo $RECONCILE_OUTPUT"],
            reason: .outputTooLarge, exitCode: 0, says: "can't be read back"),
    ])
    func ends(_ row: End) async throws {
        try await boxed { boxes in
            let end = try #require(await boxes.run(boxes.order(row.command, image: row.image)))
            #expect(end.reason == row.reason, "\(end)")
            #expect(end.exitCode == row.exitCode && end.signal == row.signal, "\(end)")
            if let says = row.says { #expect(end.message?.contains(says) == true, "\(end)") }
        }
    }

    @Test("In the container: nobody, no capability, a root that can't be written, and no look at the guard")
    func isConfined() async throws {
        try await boxed { boxes in
            var order = boxes.order(
                """
                id -u; grep -E 'CapEff|NoNewPrivs' /proc/self/status; touch /x 2>&1; ls /proc/1/fd 2>&1
                ls -A /reconcile/attempt; echo $ONLY; touch /tmp/y && echo tmp
                cat /sys/fs/cgroup/memory.max /sys/fs/cgroup/memory/memory.limit_in_bytes 2>/dev/null
                """)
            order.limits.memory = Quantity(64 << 20)
            #expect(await boxes.run(order)?.exitCode != nil)
            let log = try boxes.log(order.name)
            let user = geteuid() == 0 ? "65532" : "\(geteuid())"
            #expect(log.hasPrefix("\(user)\n"), "\(log)")
            #expect(log.contains("CapEff:\t0000000000000000") && log.contains("NoNewPrivs:\t1"), "\(log)")
            #expect(log.contains("Read-only file system") && log.contains("Permission denied"), "\(log)")
            #expect(log.contains("\ntmp\nwork\n\ntmp\n"), "its own places, none of the worker's variables: \(log)")
            #expect(log.contains("67108864"), "its memory is limited: \(log)")
        }
    }

    @Test("A task that uses more memory than it asked for is killed, and is told so")
    func memory() async throws {
        try await boxed { boxes in
            var order = boxes.order("x=0123456789abcdef; while :; do x=$x$x; done")
            order.limits.memory = Quantity(48 << 20)
            let end = try #require(await boxes.run(order))
            #expect(end.signal == 9, "\(end)")
            #expect(end.note?.contains("requires.memory") == true, "\(end)")
        }
    }

    @Test("An image with one static program and nothing else; its own command, directory and variables")
    func ownCommand() async throws {
        try await boxed { boxes in
            let image = "\(boxes.cluster):1"
            try await boxes.importStatic(
                image, #"CMD ["/busybox","sh","-c","pwd; echo $SAYS $LD_PRELOAD"]"#, "ENV SAYS=hello",
                "ENV LD_PRELOAD=/nowhere.so", "WORKDIR /app")
            let own = boxes.order([], image: image)
            let end = try #require(await boxes.run(own))
            #expect(end.reason == .completed, "\(end)")
            #expect(try boxes.log(own.name) == "/app\nhello /nowhere.so\n", "whatever it preloads, the guard does not")
            _ = try? await boxes.engine.client.send(
                EngineCall(method: .delete, path: "/images/\(EngineCall.encoded(image))", what: "remove the image"))
        }
    }

    @Test("Terminated, it has its kill grace; what does not heed it is killed")
    func terminates() async throws {
        for (script, code, signal) in [
            ("trap 'echo heard; exit 7' TERM; echo up; while :; do sleep 0.05; done", 7, nil),
            (
                "trap '' TERM; echo up; (setsid sh -c 'trap \"\" TERM; sleep 1000' &); while :; do sleep 0.05; done",
                nil, 9
            ),
        ] as [(String, Int?, Int?)] {
            try await boxed { boxes in
                let order = boxes.order(script, killGrace: .seconds(1))
                boxes.runner.start(order)
                try await boxes.says("up", order.name)
                boxes.runner.terminate(order.name)
                let end = try #require(await boxes.end(order.name))
                #expect(end.exitCode == code && end.signal == signal, "\(end)")
            }
        }
    }

    @Test("An exclusive attempt ends when its lease does")
    func lease() async throws {
        try await boxed { boxes in
            var order = boxes.order("echo up; sleep 1000", killGrace: .milliseconds(100))
            order.lease = .init(duration: .seconds(5), from: SystemClock().now.instant)
            let end = try #require(await boxes.run(order))
            #expect(end.signal == 15 || end.message?.contains("lease") == true, "\(end)")
        }
    }

    @Test("kill -9 of the agent ends the task, and the engine removes its container; the locks are free then")
    func agentDies() async throws {
        try await boxed { boxes in
            let directory = boxes.scratch.path + "/box"
            let script = "trap 'echo told' TERM; echo up; while :; do sleep 0.05; done"
            let socket = try #require(Engine.socket)
            let pid = try SpawnRequest(
                [Processes.fixture, "box", directory, socket, boxes.cluster, Engine.busybox, script], environment: []
            ).spawn()
            let attempt = "\(directory)/\(boxes.cluster)-1"
            try await eventually("the task is up", within: .seconds(20)) {
                try Files.read(attempt + "/log", limit: 1 << 20).map { String(decoding: $0, as: UTF8.self) } == "up\n"
            }
            #expect(try FileLock.isHeld(attempt + "/lock"))
            kill(pid, SIGKILL)
            _ = try Children.wait(pid)
            #expect(try FileLock.isHeld(attempt + "/lock"), "the guard holds it while the task has its grace")
            try await eventually("its container is gone", within: .seconds(10)) { try await boxes.isClean() }
            #expect(try !FileLock.isHeld(attempt + "/lock"))
            let log = try Files.read(attempt + "/log", limit: 1 << 20) ?? []
            #expect(String(decoding: log, as: UTF8.self).contains("told"), "it was asked first")
        }
    }

    @Test("What the worker holds is held as long as the container lives")
    func held() async throws {
        let scratch = try Scratch()
        let file = scratch.path + "/slot"
        let lock = try #require(try FileLock.take(file))
        let boxes = try Boxes(held: [lock.descriptor])
        let order = boxes.order("echo up; sleep 1000")
        boxes.runner.start(order)
        try await boxes.says("up", order.name)
        #expect(try FileLock.isHeld(file))
        boxes.runner.kill(order.name)
        #expect(await boxes.end(order.name)?.signal == 9)
        try await eventually("no container is left") { try await boxes.isClean() }
    }

    @Test("The engine kills the container: the end is told, and who did it")
    func guardDies() async throws {
        try await boxed { boxes in
            let order = boxes.order("echo up; sleep 1000")
            boxes.runner.start(order)
            try await boxes.says("up", order.name)
            let id = try #require(try await boxes.standing().first?["Id"]?.string)
            try await boxes.engine.kill(id)
            let end = try #require(await boxes.end(order.name))
            #expect(end.reason == .stoppedFromOutside)
            #expect(end.message?.contains("its guard died, and its container with it") == true)
            #expect(try await boxes.isClean(), "the end is told when nothing of it is left")
        }
    }

    @Test("A container that is paused is ended all the same")
    func paused() async throws {
        try await boxed { boxes in
            let order = boxes.order("echo up; sleep 1000")
            boxes.runner.start(order)
            try await boxes.says("up", order.name)
            let id = try #require(try await boxes.standing().first?["Id"]?.string)
            _ = try await boxes.engine.client.send(
                EngineCall(method: .post, path: "/containers/\(id)/pause", what: "pause"))
            boxes.runner.kill(order.name)
            #expect(await boxes.end(order.name)?.signal == 9)
        }
    }

    @Test("A container of that name that is another's is left alone, and the attempt says so")
    func foreign() async throws {
        try await boxed { boxes in
            let order = boxes.order("echo up")
            let name = TaskLabels.name(uid: order.name.taskUID, attempt: 1)
            let body: Tree = ["Image": .string(Engine.busybox), "Entrypoint": ["sleep", "3600"]]
            let id = try #require(try await boxes.engine.client.tree(.create(name, body))["Id"]?.string)
            let end = try #require(await boxes.run(order))
            #expect(end.reason == .couldNotStart)
            #expect(end.message?.contains("not this worker's; it is left as it is") == true, "\(end)")
            #expect(try await boxes.engine.client.tree(.inspect(id))["Id"]?.string == id)
            _ = try await boxes.engine.client.send(.remove(id))
        }
    }

    @Test("What an earlier agent made and never started goes; what another worker has just made, and what runs, stays")
    func cleans() async throws {
        try await boxed { boxes in
            let order = boxes.order("echo up; sleep 1000")
            boxes.runner.start(order)
            try await boxes.says("up", order.name)
            for worker in ["w", "other"] {
                var labels = Tree.emptyObject
                labels[TaskLabels.cluster] = .string(boxes.cluster)
                labels[TaskLabels.workerUID] = .string(worker)
                labels[TaskLabels.taskUID] = "left"
                labels[TaskLabels.attempt] = "1"
                let body: Tree = ["Image": .string(Engine.busybox), "Entrypoint": ["true"], "Labels": labels]
                _ = try await boxes.engine.client.send(.create("\(boxes.cluster)-\(worker)", body))
            }
            try await boxes.containers.clean(clusterID: boxes.cluster, workerUID: "w")
            let left = try await boxes.standing().compactMap { $0["Names"]?.array?.first?.string }
            let kept = ["/\(TaskLabels.name(uid: boxes.cluster, attempt: 1))", "/\(boxes.cluster)-other"]
            #expect(Set(left) == Set(kept), "\(left)")
            try await boxes.containers.clean(clusterID: boxes.cluster, workerUID: "other")
            boxes.runner.kill(order.name)
            _ = await boxes.end(order.name)
        }
    }
}
