import Documents
import Model
import Ports
import Testing
import Tree

@testable import Docker

struct ContainerRequestTests {
    static func body(
        volumes: [DockerVolume] = [], processors: Int = 4, _ change: (inout WorkerSpec) -> Void = { _ in }
    ) throws -> Tree {
        try container(volumes: volumes, processors: processors, change).body()
    }

    static func container(
        volumes: [DockerVolume] = [], network: String = "bridge", processors: Int = 4,
        _ change: (inout WorkerSpec) -> Void = { _ in }
    ) -> ContainerRequest {
        ContainerRequest(
            request: .sample(change), image: "img", network: network, allowed: volumes,
            engineSocket: "/srv/engine/docker.sock", programVolume: "program", processors: processors)
    }

    @Test("The name follows from uid, slot and attempt; the labels say whose it is, whatever the pool says")
    func identity() throws {
        #expect(Self.container().name == "reconcile-u-1-3-2")
        let body = try Self.body { $0.labels = ["team": "shop", "reconcile.dev/cluster": "stolen"] }
        #expect(body["Labels"]?["team"] == "shop")
        #expect(WorkerLabels(body["Labels"]) != nil)
        let expected = [
            "cluster": "cluster-a", "worker-uid": "u-1", "slot": "3", "attempt": "2", "epoch": "7",
            "namespace": "default", "worker": "pool-3", "region": "engine", "pool": "pool",
        ]
        for (name, value) in expected { #expect(body["Labels"]?["reconcile.dev/\(name)"]?.string == value) }
    }

    @Test("Nothing that inspect shows holds a secret")
    func secrets() throws {
        var variable = EnvironmentVariable()
        variable.name = "PASSWORD"
        variable.value = "hidden-value"
        let text = JSON.text(try Self.body { $0.env = [variable] })
        #expect(!text.contains("single-use-token") && !text.contains("hidden-value"))
    }

    @Test("It has the metadata address itself, on whatever network it is, unless its region is to reach that")
    func metadata() throws {
        for network in ["bridge", "workers"] {
            var container = Self.container(network: network)
            let endpoints = try container.body()["NetworkingConfig"]?["EndpointsConfig"]?.object
            #expect(endpoints?.map(\.key) == [network], "the one that HostConfig names")
            #expect(endpoints?[network]?["IPAMConfig"]?["LinkLocalIPs"] == ["169.254.169.254"])
            container.reachesMetadata = true
            #expect(try container.body()["NetworkingConfig"] == nil)
        }
    }

    @Test("It runs the program through its own loader as nobody, whatever the image's command is")
    func program() throws {
        let body = try Self.body()
        let words = try #require(body["Entrypoint"]?.array).compactMap(\.string)
        #expect(
            words == [
                "/reconcile/program/loader", "--library-path", "/reconcile/program/lib", "/reconcile/program/reconcile",
                "worker", "--launch", "/reconcile/data/worker/launch.json",
            ])
        #expect(body["Cmd"] == [])
        #expect(body["User"] == "65532:65532")
    }

    // MARK: HostConfig

    @Test("Every field that is sent is in the table as one that is set, and every such one is sent")
    func complete() throws {
        let plain = try #require(try Self.body()["HostConfig"]?.object)
        var gpu = GPU()
        gpu.count = 1
        let full = try #require(
            try Self.body(volumes: [Self.volume("data", "/data")]) { $0.resources.gpu = gpu }["HostConfig"]?.object)
        for (name, treatment, because) in HostConfigTable.fields {
            switch treatment {
            case .set: #expect(plain[name] != nil, "\(name) is set: \(because)")
            case .setWhereAsked:
                #expect(plain[name] == nil, "\(name) is not asked for")
                #expect(full[name] != nil, "\(name) is asked for")
            case .refused, .engineOwn:
                #expect(plain[name] == nil && full[name] == nil, "\(name) is never sent: \(because)")
            }
        }
        for name in full.keys { #expect(HostConfigTable.treatment(of: name) != nil, "\(name) is not in the table") }
        let names = HostConfigTable.fields.map(\.name)
        #expect(Set(names).count == names.count, "each field is there once")
    }

    struct Limit: Sendable, CustomStringConvertible {
        let resources: (cpu: String?, memory: String?)
        let cpu: Int64
        let memory: Int64
        let because: String
        var description: String { because }
    }

    static let limits = [
        Limit(resources: ("500m", "256Mi"), cpu: 500_000_000, memory: 256 << 20, because: "as asked"),
        Limit(resources: ("8", nil), cpu: 4_000_000_000, memory: 0, because: "no more processors than there are"),
        Limit(resources: ("1m", nil), cpu: 10_000_000, memory: 0, because: "the least that the engine takes"),
        Limit(resources: (nil, "1Gi"), cpu: 0, memory: 1 << 30, because: "no limit where none is asked for"),
    ]

    @Test(arguments: limits)
    func hasLimits(_ row: Limit) throws {
        let body = try Self.body { spec in
            spec.resources.cpu = row.resources.cpu.flatMap(Quantity.init)
            spec.resources.memory = row.resources.memory.flatMap(Quantity.init)
        }
        #expect(body["HostConfig"]?["NanoCpus"]?.int == row.cpu)
        #expect(body["HostConfig"]?["Memory"]?.int == row.memory)
        #expect(body["HostConfig"]?["MemorySwap"]?.int == row.memory, "no swap beyond it")
        #expect(body["HostConfig"]?["PidsLimit"]?.int == 1024)
    }

    @Test("Less memory than the engine takes is refused with a sentence")
    func littleMemory() {
        let refusal = #expect(throws: ProviderError.self) {
            try Self.body { $0.resources.memory = Quantity(1 << 20) }
        }
        #expect(refusal?.code == .invalid)
        #expect(refusal?.message.contains("6Mi") == true)
    }

    @Test("A graphics processor is asked for by number")
    func graphics() throws {
        var gpu = GPU()
        gpu.count = 2
        let requests = try Self.body { $0.resources.gpu = gpu }["HostConfig"]?["DeviceRequests"]
        #expect(requests == [["Count": 2, "Capabilities": [["gpu"]]]])
    }

    // MARK: Volumes

    static func volume(_ source: String, _ target: String, readOnly: Bool = true) -> DockerVolume {
        var volume = DockerVolume()
        volume.source = source
        volume.target = target
        volume.readOnly = readOnly
        return volume
    }

    @Test(arguments: [
        ("/srv/data", "/data", "bind"), ("models", "/models", "volume"), ("/opt/cache", "/cache", "bind"),
    ])
    func isMounted(_ source: String, _ target: String, _ type: String) throws {
        let mounts = try Self.body(volumes: [Self.volume(source, target)])["HostConfig"]?["Mounts"]?.array
        #expect(
            mounts?.last
                == ["Type": .string(type), "Source": .string(source), "Target": .string(target), "ReadOnly": true])
    }

    @Test(arguments: [
        ("/", "/data"), ("/proc", "/data"), ("/sys/fs", "/data"), ("/dev/kvm", "/data"), ("/srv/../etc", "/data"),
        ("/var/run/docker.sock", "/data"), ("/run", "/data"), ("/var/run/", "/data"), ("a/b", "/data"),
        ("/./run", "/data"), ("/run/./", "/data"), ("/./", "/data"), ("/./proc/1", "/data"), ("//proc", "/data"),
        ("/var", "/data"), ("/var/lib/docker/volumes", "/data"), ("/run/containerd", "/data"),
        ("/srv/engine", "/data"), ("/srv", "/./reconcile"),
        ("/srv", "data"), ("/srv", "/"), ("/srv", "/reconcile/data"), ("/srv", "/a/../reconcile"),
    ])
    func isRefused(_ source: String, _ target: String) {
        let refusal = #expect(throws: ProviderError.self) {
            try Self.body(volumes: [Self.volume(source, target)])
        }
        #expect(refusal?.code == .invalid)
    }

    @Test(
        "No worker is on the machine's network, nor on another container's",
        arguments: ["host", "none", "container:a1", "ns:/x"])
    func networks(_ name: String) {
        let refusal = #expect(throws: ProviderError.self) { try Self.container(network: name).body() }
        #expect(refusal?.code == .invalid)
    }
}
