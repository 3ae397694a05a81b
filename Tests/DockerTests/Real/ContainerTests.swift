import Documents
import HTTP
import Model
import Ports
import Testing
import Tree

@testable import Docker

/// What a worker's container is, asked of the engine.
@Suite(.enabled(if: Engine.isThere, Engine.hint), .timeLimit(.minutes(3)))
struct ContainerTests {
    @Test("Every field of the engine's own HostConfig is as the table says")
    func hostConfig() async throws {
        try await inWorld(try DockerWorld()) { world in
            var request = world.request(uid: "w")
            request.spec.resources.cpu = Quantity(milli: 500)
            request.spec.resources.memory = .mebibytes(64)
            let provider = world.docker()
            try await provider.create(request)
            let name = WorkerLabels.name(uid: "w", slot: request.slot, attempt: request.attempt)
            let inspected = try await world.engine.client.tree(.inspect(name))
            let fields = try #require(inspected["HostConfig"]?.object)
            let sent = try ContainerRequest(
                request: request, image: Engine.busybox, network: "bridge",
                programVolume: provider.volumeName(SmallBundle.make()), processors: 2
            ).body()["HostConfig"]
            for (field, value) in fields.map({ ($0.key, $0.value) }) {
                switch HostConfigTable.treatment(of: field) {
                case nil: Issue.record("HostConfig.\(field) is \(value) and not in the table: set it or refuse it")
                case .set?: try expect(value, toHold: try #require(sent?[field]), field)
                case .refused(let others)?:
                    #expect(isEmpty(value) || others.contains(value), "HostConfig.\(field) is \(value)")
                case .setWhereAsked?: #expect(isEmpty(value), "HostConfig.\(field) was not asked for, it is \(value)")
                case .engineOwn?: #expect(!isEmpty(value), "HostConfig.\(field) is the engine's own list")
                }
            }
            for entry in HostConfigTable.fields where entry.treatment == .set {
                #expect(fields[entry.name] != nil, "the engine knows HostConfig.\(entry.name)")
            }
        }
    }

    private func isEmpty(_ value: Tree) -> Bool {
        switch value {
        case .null, .bool(false), .int(0), .string(""): true
        case .array(let items): items.isEmpty
        case .object(let members): members.isEmpty
        default: false
        }
    }

    /// The engine adds members of its own to what it was sent.
    private func expect(_ value: Tree, toHold sent: Tree, _ path: String) throws {
        switch (value, sent) {
        case (.object, .object(let members)):
            for member in members {
                try expect(try #require(value[member.key], "\(path).\(member.key)"), toHold: member.value, path)
            }
        case (.array(let there), .array(let wanted)):
            #expect(there.count == wanted.count, "\(path)")
            for (one, other) in zip(there, wanted) { try expect(one, toHold: other, path) }
        default: #expect(value == sent, "HostConfig.\(path)")
        }
    }

    @Test("Inside it is nobody, can write to its work directory alone, and holds no capability")
    func inside() async throws {
        let script = """
            cd /reconcile/data/worker || exit 1
            { id -u; touch /x 2>/dev/null && echo root-writable
              touch /reconcile/program/x 2>/dev/null && echo program-writable
              touch y && echo work-writable; touch /tmp/z && echo tmp-writable
              grep -E 'CapEff|CapBnd|NoNewPrivs|Seccomp:' /proc/self/status; ls /dev; ls -l launch.json | cut -c1-10; } > report 2>&1
            exec sleep 3600
            """
        try await inWorld(try DockerWorld(bundle: SmallBundle.make(script, checksum: "c"))) { world in
            let request = world.request(uid: "w")
            try await world.docker().create(request)
            let id = try #require(try await world.engine.living(uid: "w", cluster: world.clusterID).first)
            var report = ""
            let end = ContinuousClock.now + .seconds(10)
            while !report.contains("-r--------") {
                try #require(ContinuousClock.now < end, "the report is written: \(report)")
                var call = EngineCall.file(id, "/reconcile/data/worker/report")
                call.method = .get
                report = (try? await world.engine.client.send(call).text) ?? ""
            }
            #expect(report.contains("65532"))
            #expect(report.contains("work-writable") && report.contains("tmp-writable"))
            #expect(!report.contains("root-writable") && !report.contains("program-writable"))
            #expect(report.contains("CapEff:\t0000000000000000") && report.contains("CapBnd:\t0000000000000000"))
            #expect(report.contains("NoNewPrivs:\t1") && report.contains("Seccomp:\t2"))
            #expect(!report.contains("kvm") && !report.contains("sda"), "no device of the machine")
        }
    }

    @Test("Neither inspect nor the image shows the join token")
    func token() async throws {
        try await inWorld(try DockerWorld()) { world in
            try await world.docker().create(world.request(uid: "w"))
            let id = try #require(try await world.engine.living(uid: "w", cluster: world.clusterID).first)
            let shown = try await world.engine.client.send(.inspect(id)).text
            #expect(!shown.contains("single-use-token"))
        }
    }

    @Test("One that ignores SIGTERM is killed after the grace; until then it is stopping")
    func stubborn() async throws {
        let bundle = SmallBundle.make("trap '' TERM; while :; do sleep 1; done", checksum: "d")
        try await inWorld(try DockerWorld(bundle: bundle, grace: .milliseconds(700))) { world in
            let request = world.request(uid: "w")
            let provider = world.docker()
            try await provider.create(request)
            let began = ContinuousClock.now
            try await provider.release(request.ref)
            #expect(try await provider.observe(request.ref).state == .stopping)
            try await world.releaseUntilGone(provider, request)
            #expect(ContinuousClock.now - began >= .milliseconds(700))
            #expect(try await world.isClean())
        }
    }

    @Test("One past its memory is seen as killed for it")
    func memory() async throws {
        // tail keeps what it reads until a line ends.
        let bundle = SmallBundle.make("tail /dev/zero; exit 9", checksum: "e")
        try await inWorld(try DockerWorld(bundle: bundle)) { world in
            var request = world.request(uid: "w")
            request.spec.resources.memory = .mebibytes(16)
            let provider = world.docker()
            try await provider.create(request)
            let end = ContinuousClock.now + .seconds(30)
            var seen = try await provider.observe(request.ref)
            while seen.explanation == nil {
                try #require(ContinuousClock.now < end, "it is killed: \(seen)")
                try await Task.sleep(for: .milliseconds(100))
                seen = try await provider.observe(request.ref)
            }
            #expect(seen.explanation?.contains("resources.memory") == true)
        }
    }

    @Test("A worker removed by hand is absent; a container of its name that is not ours is left alone")
    func byHand() async throws {
        try await inWorld(try DockerWorld()) { world in
            let request = world.request(uid: "w")
            let provider = world.docker()
            try await provider.create(request)
            let id = try #require(try await world.engine.living(uid: "w", cluster: world.clusterID).first)
            _ = try await world.engine.client.send(.remove(id))
            #expect(try await provider.observe(request.ref).state == .absent)
            let name = WorkerLabels.name(uid: "w", slot: request.slot, attempt: request.attempt)
            let body: Tree = ["Image": .string(Engine.busybox), "Entrypoint": ["sleep", "3600"]]
            let stranger = try #require(try await world.engine.client.tree(.create(name, body))["Id"]?.string)
            let refusal = await #expect(throws: ProviderError.self) { try await provider.create(request) }
            #expect(refusal?.code == .conflict)
            #expect(refusal?.message.contains("left as it is") == true)
            try await provider.release(request.ref)
            #expect(try await provider.observe(request.ref).state == .absent)
            _ = try await world.engine.client.send(.inspect(stranger))
            _ = try await world.engine.client.send(.remove(stranger))
        }
    }

    @Test("An image that is nowhere, one without the program's shell, one that is too big a wish: each says what to do")
    func images() async throws {
        try await inWorld(try DockerWorld()) { world in
            let provider = world.docker()
            var nowhere = world.request(uid: "nowhere")
            nowhere.spec.image = "127.0.0.1:1/no/such:image"
            let missing = await #expect(throws: ProviderError.self) { try await provider.create(nowhere) }
            #expect(missing?.code == .invalid)
            #expect(missing?.message.contains("docker load") == true, "\(missing?.message ?? "")")
            var odd = world.request(uid: "odd")
            odd.spec.image = "Not A Reference"
            let refused = await #expect(throws: ProviderError.self) { try await provider.create(odd) }
            #expect(refused?.code == .invalid, "\(refused?.message ?? "")")
            // The small bundle's program is a script, and nothing is there to run it.
            var empty = world.request(uid: "empty")
            empty.spec.image = Engine.empty
            try await provider.create(empty)
            let end = ContinuousClock.now + .seconds(10)
            while try await world.alive(uid: "empty") > 0 { try #require(ContinuousClock.now < end) }
            guard case .exited = try await provider.observe(empty.ref).state else {
                Issue.record("one that can't run is seen as ended")
                return
            }
        }
    }

    @Test("An exit is told at once by the engine's events, as an exit")
    func events() async throws {
        try await inWorld(try DockerWorld()) { world in
            let provider = world.docker()
            let request = world.request(uid: "w")
            let (news, tell) = AsyncStream.makeStream(of: ProviderNews.self)
            let following = Task { await provider.follow { tell.yield($0) } }
            var heard = news.makeAsyncIterator()
            #expect(await heard.next() == .following)
            try await provider.create(request)
            // Created and started, of the one that fills the volume too.
            try await world.kill(uid: "w")
            var state = Observation.State.running
            while state == .running, await heard.next() == .changed {
                state = try await provider.observe(request.ref).state
            }
            #expect(state == .exited(code: 137, signal: 9))
            following.cancel()
            await following.value
        }
    }

    @Test("The bundle stays while more workers may be asked for, and goes with the last list that expects none")
    func keepsTheBundle() async throws {
        try await inWorld(try DockerWorld()) { world in
            let provider = world.docker()
            for uid in ["first", "second"] {
                let request = world.request(uid: uid)
                try await provider.create(request)
                #expect(try await world.alive(uid: uid) == 1)
                try await world.kill(uid: uid)
                try await world.releaseUntilGone(provider, request, keepsSupplies: true)
                _ = try await provider.inventory(clusterID: world.clusterID, keepsSupplies: true)
                #expect(try await world.engine.volumes(cluster: world.clusterID).count == 1, "the bundle alone")
            }
            try await world.awaitClean(provider, "a list that expects no more workers lets it go")
        }
    }

    @Test("What an interrupted upload of the bundle left is found by its age, not by its name alone")
    func staleFiller() async throws {
        try await inWorld(try DockerWorld()) { world in
            let provider = world.docker()
            let name = "reconcile-fill-\(world.clusterID)-\(String(repeating: "a", count: 16))"
            let body: Tree = [
                "Image": .string(Engine.busybox), "Entrypoint": ["-"],
                "Labels": [WorkerLabels.cluster: .string(world.clusterID), WorkerLabels.role: "filler"],
            ]
            _ = try await world.engine.client.tree(.create(name, body))
            let holder = try #require(try await provider.inspect(name))
            #expect(try await !provider.isStale(holder), "a young one is left at work")
            #expect(try await provider.inventory(clusterID: world.clusterID).isEmpty, "it is no worker")
            #expect(try await provider.inspect(name) != nil)
            let next = world.docker { $0.epoch = 1 }
            #expect(try await next.isStale(holder) == false, "nobody says when it was begun")
        }
    }

    @Test("What an earlier controller of the state left half uploaded is given up at once")
    func earlierFiller() async throws {
        try await inWorld(try DockerWorld()) { world in
            let name = "reconcile-fill-\(world.clusterID)-\(String(repeating: "a", count: 16))"
            let body: Tree = [
                "Image": .string(Engine.busybox), "Entrypoint": ["-"],
                "Labels": [
                    WorkerLabels.cluster: .string(world.clusterID), WorkerLabels.role: "filler",
                    WorkerLabels.epoch: "6",
                ],
            ]
            _ = try await world.engine.client.tree(.create(name, body))
            #expect(try await world.docker { $0.epoch = 6 }.inventory(clusterID: world.clusterID).isEmpty)
            #expect(try await world.docker().inspect(name) != nil, "its own is left at work")
            #expect(try await world.docker { $0.epoch = 7 }.inventory(clusterID: world.clusterID).isEmpty)
            #expect(try await world.docker().inspect(name) == nil)
        }
    }
}
