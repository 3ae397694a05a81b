import Documents
import HTTP
import Tree

/// What any program needs for such containers: a plain loop over the engine's socket that creates and starts them with
/// the same limits and mounts, one after another, and then removes them.
struct BareContainers {
    let socket: String
    let image: String
    private let http = HTTPClient()

    private static let volume = "reconcile-bench-program"

    init(socket: String, image: String) {
        self.socket = socket
        self.image = image
    }

    /// Seconds to start and to remove that many.
    func measure(_ count: Int) async throws -> (started: Double, removed: Double) {
        var ids: [String] = []
        let start = Stopwatch.now
        do {
            for number in 0..<count {
                let made = try await call(.post, "/containers/create?name=reconcile-bench-\(number)", body)
                guard let id = made["Id"]?.string else { throw Unmeasurable("the engine's answer has no Id") }
                ids.append(id)
                _ = try await call(.post, "/containers/\(id)/start")
            }
            let started = Stopwatch.now - start
            let middle = Stopwatch.now
            try await remove(ids)
            return (started, Stopwatch.now - middle)
        } catch {
            try? await remove(ids)
            throw error
        }
    }

    private func remove(_ ids: [String]) async throws {
        for id in ids { _ = try await call(.delete, "/containers/\(id)?force=1&v=1") }
        _ = try await call(.delete, "/volumes/\(Self.volume)")
    }

    private var body: Tree {
        [
            "Image": .string(image), "Entrypoint": ["sleep", "3600"], "User": "65532:65532",
            "HostConfig": [
                "Init": true, "ReadonlyRootfs": true, "CapDrop": ["ALL"], "SecurityOpt": ["no-new-privileges:true"],
                "IpcMode": "private", "CgroupnsMode": "private", "Memory": 268_435_456, "MemorySwap": 268_435_456,
                "NanoCpus": 500_000_000, "PidsLimit": 1024, "Tmpfs": ["/tmp": "rw,nosuid,nodev,noexec,size=67108864"],
                "Mounts": [
                    ["Type": "volume", "Target": "/reconcile/data"],
                    [
                        "Type": "volume", "Source": .string(Self.volume), "Target": "/reconcile/program",
                        "ReadOnly": true,
                    ],
                ],
            ],
        ]
    }

    private func call(_ method: HTTPMethod, _ path: String, _ body: Tree? = nil) async throws -> Tree {
        var request = HTTPRequest(method, "http://docker/v1.41" + path, body: body.map(JSON.encode) ?? [])
        if body != nil { request.headers["Content-Type"] = "application/json" }
        request.unixSocketPath = socket
        let response = try await http.send(request)
        guard response.isSuccess else { throw Unmeasurable("the engine: \(response.status) \(response.text)") }
        return response.body.isEmpty ? .null : try JSON.parse(response.body, limits: .answer)
    }
}
