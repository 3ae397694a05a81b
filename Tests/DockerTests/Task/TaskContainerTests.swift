import Documents
import Model
import Ports
import Testing
import Tree

@testable import Docker

struct TaskContainerTests {
    static func order(_ change: (inout ContainerOrder) -> Void = { _ in }) -> ContainerOrder {
        var order = ContainerOrder(
            clusterID: "cluster-a", workerUID: "w-1", taskUID: "t-1", attempt: 2, title: "shop/work-t#2", image: "img",
            command: ["/reconcile/program/loader", "guard"], user: .init(user: 1000, group: 100),
            mounts: [.init("/state/task", at: "/reconcile/attempt", isReadOnly: false)], limits: Requirements(),
            stopGrace: .milliseconds(10_500))
        change(&order)
        return order
    }

    static func body(_ change: (inout ContainerOrder) -> Void = { _ in }) throws -> Tree {
        try TaskContainer(order: order(change), processors: 4).body()
    }

    @Test("The name follows from task and attempt; the labels say whose it is, and make no worker of it")
    func identity() throws {
        #expect(TaskLabels.name(uid: "t-1", attempt: 2) == "reconcile-task-t-1-2")
        let labels = try Self.body()["Labels"]
        let read = try #require(TaskLabels(labels))
        #expect((read.clusterID, read.workerUID) == ("cluster-a", "w-1"))
        #expect((read.taskUID, read.attempt) == ("t-1", 2))
        #expect(labels?["reconcile.dev/task"] == "shop/work-t#2")
        #expect(WorkerLabels(labels) == nil)
        #expect(labels?[WorkerLabels.cluster] == nil, "the list of workers does not show it")
        for missing in [TaskLabels.cluster, TaskLabels.workerUID, TaskLabels.taskUID, TaskLabels.attempt] {
            var fewer = Tree.emptyObject
            for member in try #require(labels?.object) where member.key != missing {
                fewer[member.key] = member.value
            }
            #expect(TaskLabels(fewer) == nil, "without \(missing) it is nobody's")
        }
    }

    @Test("Its first process is the guard, as the worker's own user, with nothing of the image about it")
    func program() throws {
        let body = try Self.body { $0.withheld = ["PATH", "LD_PRELOAD"] }
        #expect(body["Entrypoint"] == ["/reconcile/program/loader", "guard"])
        #expect(body["Cmd"] == [])
        #expect(body["User"] == "1000:100")
        #expect(body["Env"] == ["LD_PRELOAD", "PATH"], "a name alone takes a variable away")
        #expect(body["Healthcheck"] == ["Test": ["NONE"]])
        #expect(body["StopTimeout"] == 16, "the kill grace, rounded up, and time for the guard")
    }

    @Test("It is on the engine's default network, or on none")
    func network() throws {
        #expect(try Self.body()["HostConfig"]?["NetworkMode"] == "bridge")
        let alone = try Self.body { $0.network = .loopback }
        #expect(alone["HostConfig"]?["NetworkMode"] == "none" && alone["NetworkingConfig"] == nil)
        let own = try Self.body()["NetworkingConfig"]?["EndpointsConfig"]?["bridge"]?["IPAMConfig"]
        #expect(own?["LinkLocalIPs"] == ["169.254.169.254"], "it asks itself, and not the machine's cloud")
    }

    @Test("It is held to what a worker's container is held to, and removes itself")
    func isHeld() throws {
        var gpu = GPU()
        gpu.count = 1
        let plain = try #require(try Self.body()["HostConfig"]?.object)
        let full = try #require(try Self.body { $0.limits.gpu = gpu }["HostConfig"]?.object)
        for (name, treatment, because) in HostConfigTable.fields {
            switch treatment {
            case .set: #expect(plain[name] != nil, "\(name) is set: \(because)")
            case .setWhereAsked: #expect(plain[name] == nil && full[name] != nil, "\(name): where asked for")
            case .refused, .engineOwn: #expect(full[name] == nil, "\(name) is never sent: \(because)")
            }
        }
        for name in full.keys { #expect(HostConfigTable.treatment(of: name) != nil, "\(name) is not in the table") }
        let worker = try #require(try ContainerRequestTests.body()["HostConfig"]?.object)
        for member in worker where !["AutoRemove", "Init", "Mounts"].contains(member.key) {
            #expect(plain[member.key] == member.value, "\(member.key) is as a worker's")
        }
        #expect(plain["AutoRemove"] == true)
        #expect(plain["Init"] == false, "the guard must be the first process: with it everything ends")
    }

    @Test("Limits are those of `requires`, and none where it gives none")
    func limits() throws {
        let host = try Self.body {
            $0.limits.cpu = Quantity(milli: 500)
            $0.limits.memory = Quantity(256 << 20)
        }["HostConfig"]
        #expect(host?["NanoCpus"] == 500_000_000)
        #expect(host?["Memory"]?.int == 256 << 20)
        #expect(host?["MemorySwap"]?.int == 256 << 20)
        #expect(try Self.body()["HostConfig"]?["Memory"] == 0)
        let refusal = #expect(throws: ProviderError.self) { try Self.body { $0.limits.memory = Quantity(1 << 20) } }
        #expect(refusal?.message.contains("6Mi") == true)
    }

    @Test("Of the machine it sees what is mounted, read-only unless said, and none of it is made by the engine")
    func mounts() throws {
        let mounts = try Self.body {
            $0.mounts.append(.init("/lib/x.so", at: "/reconcile/program/x.so", isReadOnly: true))
        }
        let expected: Tree = [
            ["Type": "bind", "Source": "/state/task", "Target": "/reconcile/attempt", "ReadOnly": false],
            ["Type": "bind", "Source": "/lib/x.so", "Target": "/reconcile/program/x.so", "ReadOnly": true],
        ]
        #expect(mounts["HostConfig"]?["Mounts"] == expected)
    }

    @Test(
        "What an image says of its own program",
        arguments: [
            (
                #"{"Config":{"Entrypoint":["/run"],"Cmd":["-a"],"Env":["A=1=2","B="],"WorkingDir":"/app"}}"#,
                ContainerImage(command: ["/run", "-a"], environment: ["A": "1=2", "B": ""], workingDirectory: "/app")
            ),
            (#"{"Config":{"Entrypoint":null,"Cmd":["sh"],"WorkingDir":"/"}}"#, ContainerImage(command: ["sh"])),
            (#"{"Config":{"WorkingDir":""}}"#, ContainerImage()),
            (#"{}"#, ContainerImage()),
        ])
    func image(_ text: String, _ image: ContainerImage) throws {
        #expect(ContainerImage(described: try JSON.parse(Array(text.utf8))) == image)
    }

    @Test(
        "Who a container is, by engine and agent",
        arguments: [
            ([], 0, 65532, 65532, "an agent that is root gives its tasks to nobody"),
            ([], 1000, 1000, 1000, "anybody else is himself"),
            (["name=seccomp,profile=default", "name=rootless"], 1000, 0, 1000, "root inside is the agent outside"),
        ] as [([String], Int, Int, Int, String)])
    func users(_ options: [String], _ agent: Int, _ inside: Int, _ outside: Int, _ because: String) async throws {
        let user = try await Self.containers(options).user(for: .init(user: agent, group: agent))
        #expect(user.inside.user == inside && user.outside.user == outside, "\(because)")
    }

    @Test("An engine that remaps users is refused with what to do")
    func remapped() async throws {
        let refusal = await #expect(throws: ProviderError.self) {
            try await Self.containers(["name=userns"]).user(for: .init(user: 1, group: 1))
        }
        #expect(refusal?.message.contains("userns-remap") == true)
    }

    private static func containers(_ options: [String]) throws -> TaskContainers {
        let info: Tree = ["OSType": "linux", "SecurityOptions": .array(options.map { .string($0) })]
        let engine = CannedEngine([("/info", .init(body: JSON.text(info)))])
        return TaskContainers(engine: EngineClient(try #require(EngineAddress("unix:///x.sock")), http: engine))
    }
}
