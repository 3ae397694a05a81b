import APIServer
import Apply
import Documents
import Model
import Ports
import Storage
import Synchronization
import Tree

/// Stands until it is set.
final class SetClock: Ports.Clock {
    private let wall = Mutex(Timestamp(milliseconds: 1_700_000_000_000))
    var now: Moment { Moment(instant: .origin, wall: wall.withLock { $0 }) }
    func sleep(until instant: Instant) async { await Task.yield() }
    func set(_ time: Timestamp) { wall.withLock { $0 = time } }
}

private final class Counter: RandomSource {
    func next() -> UInt64 { UInt64.random(in: .min ... .max) }
}

/// A server over a store in memory that has the namespace `shop`.
struct Desk {
    let store: MemoryStore
    let blobs: any BlobStore
    let clock = SetClock()
    let server: APIServer

    init(
        _ core: StoreCore = StoreCore(), blobs: any BlobStore = MemoryBlobStore(),
        advice: @escaping APIServer.Advice = { _, _, _ in [] }, admissions: [Kind: Admission] = [:]
    ) throws {
        store = MemoryStore(core)
        self.blobs = blobs
        server = APIServer(
            store: store, blobs: blobs, clock: clock, random: Counter(), version: "1", advice: advice,
            admissions: admissions)
        let metadata: Tree = ["name": "shop", "uid": "ns"]
        _ = try store.commit(
            Batch([
                .create(
                    ObjectKey(.namespace, "", "shop"), ["apiVersion": "v1", "kind": "Namespace", "metadata": metadata])
            ]))
    }

    func send(
        _ method: APIRequest.Method, _ path: String, _ body: Tree? = nil, query: [String: String] = [:],
        type: String = "application/json", accept: String = "application/json"
    ) async -> (status: Int, tree: Tree) {
        await answer(
            APIRequest(
                method, path, query: query, contentType: type, accept: accept, body: body.map { JSON.encode($0) } ?? [])
        )
    }

    func answer(_ request: APIRequest) async -> (status: Int, tree: Tree) {
        switch await server.handle(request) {
        case .value(let status, let tree, _): return (status, tree)
        case .json(let bytes): return (200, (try? JSON.parse(bytes, limits: .answer)) ?? .string("no JSON"))
        case .text(let status, let text): return (status, .string(text))
        case .document(let status, _, let bytes): return (status, .string(String(decoding: bytes, as: UTF8.self)))
        case .stream: return (200, "stream")
        case .pieces(let type, let pieces):
            let bytes = (try? await pieces.whole()) ?? []
            guard type == "application/json" else { return (200, .string(String(decoding: bytes, as: UTF8.self))) }
            return (200, (try? JSON.parse(bytes, limits: .answer)) ?? .string("no JSON"))
        }
    }

    func lines(_ path: String, _ query: [String: String], count: Int) async -> [Tree] {
        await lines(APIRequest(.get, path, query: query), count: count)
    }

    func lines(_ request: APIRequest, count: Int) async -> [Tree] {
        guard case .stream(_, let stream) = await server.handle(request) else { return [] }
        var lines: [Tree] = []
        while lines.count < count, let bytes = await stream.next() {
            lines += bytes.split(separator: 0x0A).compactMap { try? JSON.parse(Array($0)) }
        }
        stream.close()
        return lines
    }
}

let pools = "/apis/reconcile.dev/v1alpha1/namespaces/shop/workerpools"

func pool(_ name: String, labels: Tree = .emptyObject, max: Int64 = 5, namespace: String? = nil) -> Tree {
    var metadata: Tree = ["name": .string(name), "labels": labels]
    if let namespace { metadata["namespace"] = .string(namespace) }
    return [
        "apiVersion": "reconcile.dev/v1alpha1", "kind": "WorkerPool", "metadata": metadata,
        "spec": ["region": "east", "maxWorkers": .int(max)],
    ]
}
