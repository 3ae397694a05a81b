import Glibc
import Kernel
import Model
import Tree

/// Fifty workers on a Docker engine, from nothing to Ready and back, beside what a bare loop over its socket takes for
/// fifty such containers. The engine is the one that `hack/engine` starts; without one there is nothing to measure.
enum DockerWorkers {
    private static let count = 50
    private static let name = "docker-bench"
    private static let image = "reconcile-test/busybox:1"
    private static let allowed = 1.0

    static func measure(_ workshop: Workshop) async throws -> [Row] {
        guard let socket = getenv("RECONCILE_TEST_ENGINE").map({ String(cString: $0) }) else { return [] }
        let bare = try await BareContainers(socket: socket, image: image).measure(count)
        let server = try await Server.start(workshop, state: "docker", ["--cluster-id", name])
        do {
            try await server.create(
                ["apiVersion": "v1", "kind": "Namespace", "metadata": ["name": .string(name)]], in: name)
            try await server.create(region(socket), in: name)
            let start = Stopwatch.now
            try await server.create(pool, in: name)
            try await server.until("\(count) workers are ready", within: 120) {
                try await server.ready(in: name) == count
            }
            let ready = Stopwatch.now - start
            let middle = Stopwatch.now
            try await server.delete(ObjectKey(.workerPool, name, name))
            try await server.until("its workers are gone", within: 120) { try await server.workers(in: name).isEmpty }
            let gone = Stopwatch.now - middle
            server.kill()
            return [
                row("\(count) workers on Docker, nothing → Ready", ready, bare.started),
                row("\(count) workers on Docker, deleted → gone", gone, bare.removed),
            ]
        } catch {
            server.kill()
            throw error
        }
    }

    private static func row(_ name: String, _ value: Double, _ bare: Double) -> Row {
        Row(
            name: name, value: value, unit: .seconds, gate: bare * allowed, wish: .less,
            beside: "bare loop over the socket \(short(bare)) s")
    }

    private static func region(_ socket: String) -> Tree {
        [
            "apiVersion": .string(Kind.region.apiVersion), "kind": "Region", "metadata": ["name": .string(name)],
            "spec": ["provider": ["docker": ["host": .string("unix://\(socket)"), "image": .string(image)]]],
        ]
    }

    private static var pool: Tree {
        [
            "apiVersion": .string(Kind.workerPool.apiVersion), "kind": "WorkerPool",
            "metadata": ["name": .string(name), "namespace": .string(name)],
            "spec": [
                "region": .string(name), "minWorkers": .int(Int64(count)), "maxWorkers": .int(Int64(count)),
                "worker": ["type": "Container", "resources": ["cpu": "500m", "memory": "256Mi"]],
            ],
        ]
    }
}
