import APIServer
import Client
import Documents
import Glibc
import HTTP
import Kernel
import Model
import Tree

/// A `reconcile serve` that was started for the bench, and its API.
final class Server: Sendable {
    let pid: Int32
    let state: String
    private let client: RemoteClient
    private static let patience = 30.0

    private init(pid: Int32, state: String, client: RemoteClient) {
        self.pid = pid
        self.state = state
        self.client = client
    }

    /// On a state of that name, which may have been served before.
    static func start(
        _ workshop: Workshop, state name: String = "served", _ options: [String] = ["--local"]
    ) async throws -> Server {
        let state = try workshop.place(name)
        let log = try Descriptor.open("\(state)/bench.log", [.write, .create, .append])
        var request = SpawnRequest(
            [try workshop.program("reconcile"), "serve"] + options + ["--state", state], environment: Tool.inherited)
        request.descriptors = [nil, log, log]
        let server = Server(
            pid: try request.spawn(), state: state,
            client: RemoteClient(socket: "\(state)/api.sock", http: HTTPClient()))
        do {
            try await server.until("it answers") {
                if let status = try Children.take(server.pid) {
                    let said = String(
                        decoding: (try? Files.read("\(state)/bench.log", limit: 64 << 10)) ?? [], as: UTF8.self)
                    throw Unmeasurable("reconcile serve ended with \(status): \(said)")
                }
                do { _ = try await server.client.send(APIRequest(.get, "/readyz")) } catch { return false }
                return true
            }
        } catch {
            server.kill()
            throw error
        }
        return server
    }

    /// One namespace, one region, one pool of one worker, all of that name.
    func prepare(namespace name: String) async throws {
        try await create(["apiVersion": "v1", "kind": "Namespace", "metadata": ["name": .string(name)]], in: name)
        try await create(
            [
                "apiVersion": .string(Kind.region.apiVersion), "kind": "Region", "metadata": ["name": .string(name)],
                "spec": ["provider": ["local": .emptyObject]],
            ], in: name)
        try await create(
            [
                "apiVersion": .string(Kind.workerPool.apiVersion), "kind": "WorkerPool",
                "metadata": ["name": .string(name), "namespace": .string(name)],
                "spec": [
                    "region": .string(name), "minWorkers": 1, "maxWorkers": 1,
                    "worker": ["type": "Local", "maxConcurrentTasks": 2],
                ],
            ], in: name)
    }

    func create(_ object: Tree, in namespace: String) async throws {
        guard let kind = Kind(apiVersion: object["apiVersion"]?.string ?? "", kind: object["kind"]?.string ?? "") else {
            throw Unmeasurable("an object of the bench is of no kind")
        }
        let path = APIPath.collection(kind, namespace: kind.namespaced ? namespace : nil)
        _ = try await client.send(APIRequest(.post, path, body: JSON.encode(object)))
    }

    func delete(_ key: ObjectKey) async throws { _ = try await client.send(APIRequest(.delete, APIPath.object(key))) }

    func watchTasks(in namespace: String) async throws -> APIByteStream {
        try await client.stream(
            APIRequest(.get, APIPath.collection(.task, namespace: namespace), query: ["watch": "true"]))
    }

    /// The process of the one worker, once it takes tasks.
    func awaitWorker(in namespace: String) async throws -> Int32 {
        var found: Int32?
        try await until("a worker is online") {
            let worker = try await self.workers(in: namespace).first
            guard worker?["status"]?["state"]?.string == "Online", let id = worker?["status"]?["providerID"]?.string
            else {
                return false
            }
            found = id.split(separator: "/").dropFirst().first.flatMap { Int32($0) }
            return true
        }
        guard let found else { throw Unmeasurable("the worker does not tell its process") }
        return found
    }

    /// Over HTTPS, as its kubeconfig says; each has connections of its own.
    func network() throws -> RemoteClient {
        let file = try Kubeconfig("\(state)/kubeconfig") { try Files.read($0, limit: 1 << 20) }
        var settings = HTTPClient.Settings()
        // Of every client of a load: a connection that is not kept is another handshake.
        settings.maxIdleConnections = 64
        return RemoteClient(try file.access(context: nil), http: HTTPClient(settings))
    }

    /// Ends one that has no workers.
    func stop() async throws {
        Glibc.kill(pid, SIGTERM)
        try await until("it has ended") { try Children.take(self.pid) != nil }
    }

    /// Gives up the workers, which would outlive their controller, and then ends it.
    func end(namespace name: String) async throws {
        try await delete(ObjectKey(.workerPool, name, name))
        try await until("its workers are gone") { try await self.workers(in: name).isEmpty }
        Glibc.kill(pid, SIGTERM)
        try await until("it has ended") { try Children.take(self.pid) != nil }
    }

    /// The last resort: it and all its descendants.
    func kill() {
        for process in ProcessTable.descendants(of: pid) { Glibc.kill(process.pid, SIGKILL) }
        Glibc.kill(pid, SIGKILL)
        _ = try? Children.wait(pid)
    }

    func ready(in namespace: String) async throws -> Int {
        let pools = try await client.send(APIRequest(.get, APIPath.collection(.workerPool, namespace: namespace)))
        return Int(pools.tree["items"]?.array?.first?["status"]?["readyReplicas"]?.int ?? 0)
    }

    func workers(in namespace: String) async throws -> [Tree] {
        try await client.send(APIRequest(.get, APIPath.collection(.worker, namespace: namespace))).tree["items"]?.array
            ?? []
    }

    func until(_ what: String, within limit: Double = patience, _ holds: () async throws -> Bool) async throws {
        let end = Stopwatch.now + limit
        while try await !holds() {
            guard Stopwatch.now < end else {
                throw Unmeasurable("reconcile serve: not within \(Int(limit)) s: \(what)")
            }
            try await Task.sleep(for: .milliseconds(20))
        }
    }
}
