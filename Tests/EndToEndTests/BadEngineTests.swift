import EngineProxy
import Kernel
import ProcessKit
import Testing
import Tree

/// Engines, images and containers that are not as they should be: each is a condition that says what to do.
@Suite(.crowd, .enabled(if: TestEngine.isThere, TestEngine.hint), .timeLimit(.minutes(5)))
struct BadEngineTests {
    struct Row: Sendable {
        let name: String
        /// The calls that go wrong.
        let kind: String
        let treatment: Treatment
        let says: [String]
    }

    private static let html = "<html><body>502 Bad Gateway</body></html>"

    /// What a Region says of an engine that answers oddly. The engine itself is well.
    static let engines = [
        Row(
            name: "too-old", kind: "GET /version",
            treatment: .answer(200, #"{"ApiVersion":"1.40","MinAPIVersion":"1.12"}"#),
            says: ["API 1.40", "upgrade it to Docker 20.10"]),
        Row(
            name: "too-new", kind: "GET /version",
            treatment: .answer(200, #"{"ApiVersion":"1.99","MinAPIVersion":"1.90"}"#),
            says: ["asks for API 1.90", "DOCKER_MIN_API_VERSION"]),
        Row(
            name: "refuses-version", kind: "GET /containers/json",
            treatment: .answer(
                400, #"{"message":"client version 1.41 is too old. Minimum supported API version is 1.44"}"#),
            says: ["list containers", "too old"]),
        Row(
            name: "not-found", kind: "GET /containers/json", treatment: .answer(404, #"{"message":"page not found"}"#),
            says: ["list containers", "page not found"]),
        Row(
            name: "broken", kind: "GET /containers/json",
            treatment: .answer(500, #"{"message":"layer does not exist"}"#),
            says: ["list containers", "layer does not exist"]),
        Row(
            name: "web-server", kind: "GET /version", treatment: .answer(502, html, type: "text/html"),
            says: ["answered 502", "is that a Docker engine?"]),
        Row(
            name: "half-json", kind: "GET /containers/json", treatment: .answer(200, #"[{"Id":"c0f"#),
            says: ["list containers", "can't be read"]),
        Row(
            name: "cut", kind: "GET /containers/json", treatment: .cut,
            says: ["list containers", "the connection ended before the response did"]),
        Row(
            name: "stops-mid-call", kind: "GET /containers/json", treatment: .dropBefore,
            says: ["list containers", "the connection ended before the response did"]),
        Row(
            name: "forbids", kind: "GET /containers/json", treatment: .answer(403, #"{"message":"denied by policy"}"#),
            says: ["denied by policy", "allow this user to use the engine"]),
    ]

    @Test("Whatever an engine answers, its Region says what it was and what to do")
    func regions() async throws {
        try await onEngine { site, engine in
            var proxies: [EngineProxy] = []
            var manifests: [String] = []
            for row in Self.engines {
                let proxy = try EngineProxy(at: "\(site.directory)/\(row.name).sock", to: engine.socket) { call in
                    call.kind == row.kind ? row.treatment : .pass
                }
                proxies.append(proxy)
                manifests.append(engine.region(row.name, at: proxy.socket))
            }
            try await site.serve("--cluster-id", engine.clusterID)
            try await site.apply("regions.yaml", manifests.joined(separator: "---\n"))
            for row in Self.engines {
                let region = try await site.await("rgn/\(row.name)", "says why", within: .seconds(60)) {
                    $0.message(.no) != nil
                }
                let message = region.message(.no) ?? ""
                for text in row.says { #expect(message.contains(text), "\(row.name): \(message)") }
            }
            for proxy in proxies { proxy.plan { _ in .pass } }
            for row in Self.engines {
                try await site.await("rgn/\(row.name)", "is well again", within: .seconds(60)) {
                    $0.message(.yes) != nil
                }
            }
        }
    }

    /// What a Worker says of a create that can't succeed as it is.
    static let creates = [
        Row(
            name: "full-disk", kind: "POST /containers/create",
            treatment: .answer(500, #"{"message":"mkdir /var/lib/docker/overlay2/x: no space left on device"}"#),
            says: ["no space left on device", "docker system prune"]),
        Row(
            name: "name-taken", kind: "POST /containers/create",
            treatment: .answer(
                409, #"{"message":"Conflict. The container name is already in use by container c0ffee"}"#),
            says: ["create container reconcile-", "already in use"]),
        Row(
            name: "no-such-network", kind: "GET /networks/*",
            treatment: .answer(404, #"{"message":"network bridge not found"}"#), says: ["network bridge not found"]),
        Row(
            name: "html-create", kind: "POST /containers/create", treatment: .answer(500, html, type: "text/html"),
            says: ["answered 500", "is that a Docker engine?"]),
        Row(
            name: "half-create", kind: "POST /containers/create", treatment: .cut,
            says: ["may or may not create container", "the connection ended before the response did"]),
        Row(
            name: "lost-start", kind: "POST /containers/*/start", treatment: .dropBefore,
            says: ["may or may not start container"]),
    ]

    @Test(
        "A create that fails is said by its Worker or its pool: a full disk, a name that is taken, images that can't run"
    )
    func workers() async throws {
        try await onEngine { site, engine in
            let arm = "reconcile-test/arm:\(UInt32.random(in: 0 ... .max))"
            try await Self.load(arm, architecture: "arm64", site, engine)
            var proxies: [EngineProxy] = []
            var manifests: [String] = []
            for row in Self.creates {
                let proxy = try EngineProxy(at: "\(site.directory)/\(row.name).sock", to: engine.socket) { call in
                    call.kind == row.kind ? row.treatment : .pass
                }
                proxies.append(proxy)
                manifests.append(engine.region(row.name, at: proxy.socket))
                manifests.append(Manifest.pool(row.name, region: row.name, workers: 1))
            }
            manifests.append(engine.region("here"))
            let images = [
                ("for-another-machine", arm, ["is for arm64", "choose one for"]),
                ("no-such-image", "127.0.0.1:1/no/such:image", ["is not on the engine", "docker load"]),
            ]
            for (name, image, _) in images {
                manifests.append(Manifest.pool(name, workers: 1, worker: "image: \"\(image)\""))
            }
            try await site.serve("--cluster-id", engine.clusterID)
            let path = try await site.apply("pools.yaml", manifests.joined(separator: "---\n"))
            for (name, texts) in Self.creates.map({ ($0.name, $0.says) }) + images.map({ ($0.0, $0.2) }) {
                try await eventually("\(name) says why", within: .seconds(60)) {
                    try await Self.said(site, pool: name).contains { said in texts.allSatisfy { said.contains($0) } }
                }
            }
            for proxy in proxies { proxy.plan { _ in .pass } }
            try await site.succeed("delete", "-f", path, within: .seconds(120))
            try await eventually("the engine is as it was", within: .seconds(60)) { try await engine.isClean() }
            try await engine.docker("rmi", arm)
        }
    }

    /// An image that holds nothing, for a machine that this one is not.
    private static func load(_ name: String, architecture: String, _ site: Site, _ engine: TestEngine) async throws {
        // Of the layer, an archive of nothing.
        let digest = "5f70bf18a086007016e948b04aed3b82103a36bea41755b6cddfaf10ace3c6ef"
        try site.write("image/layer.tar", [UInt8](repeating: 0, count: 1024))
        try site.write(
            "image/config.json",
            #"{"architecture":"\#(architecture)","os":"linux","config":{},"rootfs":{"type":"layers","diff_ids":["sha256:\#(digest)"]}}"#
        )
        try site.write(
            "image/manifest.json",
            #"[{"Config":"config.json","RepoTags":["\#(name)"],"Layers":["layer.tar"]}]"#)
        let image = "\(site.directory)/manifests/image"
        try await engine.run(["/bin/tar", "-C", image, "-cf", "\(image).tar", "."])
        try await engine.docker("load", "--input", "\(image).tar")
    }

    /// The conditions of a pool and of its workers.
    private static func said(_ site: Site, pool: String) async throws -> [String] {
        let objects =
            try await site.objects("wkr").filter { $0["spec"]?["pool"]?.string == pool }
            + site.objects("wpool").filter { $0["metadata"]?["name"]?.string == pool }
        return objects.flatMap { $0["status"]?["conditions"]?.array ?? [] }.compactMap { $0["message"]?.string }
    }

    @Test("A worker's container that is removed by hand is said so, and replaced")
    func taken() async throws {
        try await onEngine { site, engine in
            try await site.serve("--cluster-id", engine.clusterID)
            let path = try await site.apply(
                "pool.yaml", engine.region(), Manifest.pool(workers: 1, worker: "resources: {memory: 256Mi}"))
            try await eventually("it runs", within: .seconds(60)) {
                try await engine.containers("status=running").count == 1
            }
            let first = try await site.objects("wkr")
            let id = try #require(try await engine.containers().first)
            try await engine.docker("rm", "--force", id)
            try await eventually("another runs", within: .seconds(60)) {
                let running = try await engine.containers("status=running")
                return running.count == 1 && running != [id]
            }
            let events = try await site.succeed("events").output
            // The engine kills before it removes, and either may be seen first.
            let isSaid = events.contains("killed by signal 9") || events.contains("the provider no longer has it")
            #expect(isSaid, "\(first)\n\(events)")
            try await site.succeed("delete", "-f", path)
            try await eventually("the engine is as it was", within: .seconds(30)) { try await engine.isClean() }
        }
    }
}
