import APIServer
import Dispatch
import Documents
import Model
import Ports
import Storage
import Synchronization
import Tree

/// A request as text: `METHOD PATH?QUERY`, a line with the content type, one with what is accepted, then the body.
/// Whatever it is, the answer is one that clients can read and no fault of the server's; what is refused has changed
/// nothing.
final class RequestSurface: Surface {
    private struct Desk {
        let store = MemoryStore()
        let server: APIServer

        init() {
            server = APIServer(
                store: store, blobs: MemoryBlobStore(), clock: Standing(), random: Sequence(), version: "1")
        }
    }

    private final class Standing: Ports.Clock {
        var now: Moment { Moment(instant: .origin, wall: Timestamp(milliseconds: 1_700_000_000_000)) }
        func sleep(until instant: Instant) async { await Task.yield() }
    }

    private final class Sequence: RandomSource {
        private let last = Atomic<UInt64>(0)
        func next() -> UInt64 { last.add(1, ordering: .relaxed).newValue &* 0x9E37_79B9_7F4A_7C15 }
    }

    private let desk = Mutex<(desk: Desk, age: Int)?>(nil)

    func take(_ bytes: [UInt8]) {
        guard let request = Self.request(bytes) else { return }
        let desk = standing()
        let before = desk.store.version
        let (status, problem) = Self.waiting { await Self.judge(await desk.server.handle(request)) }
        if let problem { preconditionFailure("\(request.method) \(request.path): \(problem)") }
        guard status >= 400, request.method != .delete else { return }
        precondition(
            desk.store.version == before, "\(request.method) \(request.path): refused (\(status)), and written")
    }

    /// A store that has something in it; a new one now and then, so that what is found can be found again.
    private func standing() -> Desk {
        desk.withLock { held in
            if let (desk, age) = held, age < 200 {
                held = (desk, age + 1)
                return desk
            }
            let desk = Desk()
            Self.waiting {
                for (path, body) in Self.objects {
                    _ = await desk.server.handle(APIRequest(.post, path, body: Array(body.utf8)))
                }
            }
            held = (desk, 0)
            return desk
        }
    }

    private static let objects = [
        ("/api/v1/namespaces", #"{"apiVersion":"v1","kind":"Namespace","metadata":{"name":"shop"}}"#),
        (
            "/apis/reconcile.dev/v1alpha1/namespaces/shop/workerpools",
            #"{"apiVersion":"reconcile.dev/v1alpha1","kind":"WorkerPool","metadata":{"name":"web","labels":{"a":"b"}},"#
                + #""spec":{"region":"east","minWorkers":1,"maxWorkers":5}}"#
        ),
        (
            "/api/v1/namespaces/shop/configmaps",
            #"{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"m"},"data":{"k":"v"}}"#
        ),
    ]

    // MARK: In and out

    private static func request(_ bytes: [UInt8]) -> APIRequest? {
        let parts = bytes.split(separator: 0x0A, maxSplits: 3, omittingEmptySubsequences: false)
        guard parts.count >= 3 else { return nil }
        let texts = parts.prefix(3).map { String(decoding: $0, as: UTF8.self) }
        let words = texts[0].split(separator: " ", maxSplits: 1)
        guard words.count == 2, let method = APIRequest.Method(rawValue: String(words[0])) else { return nil }
        let target = words[1].split(separator: "?", maxSplits: 1)
        var query: [String: String] = [:]
        for pair in target.count > 1 ? target[1].split(separator: "&") : [] {
            let sides = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            query[String(sides[0])] = sides.count > 1 ? String(sides[1]) : ""
        }
        return APIRequest(
            method, String(target.first ?? ""), query: query, contentType: texts[1], accept: texts[2],
            body: parts.count > 3 ? Array(parts[3]) : [])
    }

    private static func judge(_ answer: APIResponse) async -> (status: Int, problem: String?) {
        switch answer {
        case .value(let status, let tree, _):
            guard (try? JSON.parse(JSON.encode(tree), limits: .answer)) == tree else {
                return (status, "an answer that does not read as it was meant")
            }
            return (status, problem(status, tree))
        case .json(let bytes):
            let tree = try? JSON.parse(bytes, limits: .answer)
            return (200, tree.map(JSON.encode) == bytes ? nil : "an answer that is not canonical JSON")
        case .text(let status, _): return (status, [200, 404].contains(status) ? nil : "text with status \(status)")
        case .document(let status, "application/yaml", let bytes):
            guard let tree = try? YAML.parse(bytes).first?.tree else { return (status, "YAML that can't be read") }
            return (status, problem(status, tree))
        case .document(let status, let type, _):
            return (status, status < 500 || status == 504 ? nil : "\(type) with status \(status)")
        case .pieces(_, let pieces):
            pieces.close()
            return (200, nil)
        case .stream(_, let stream):
            stream.close()
            return (200, nil)
        }
    }

    /// A refusal is a Status of the same code, and never the server's own fault.
    private static func problem(_ status: Int, _ tree: Tree) -> String? {
        guard status >= 400 else { return nil }
        let isStatus = tree["kind"] == "Status" && tree["code"] == .int(Int64(status))
        return isStatus && (status < 500 || status == 504) ? nil : "\(JSON.text(tree))"
    }

    /// libFuzzer's side is synchronous.
    private static func waiting<Value: Sendable>(_ body: @escaping @Sendable () async -> Value) -> Value {
        let result = Held<Value>()
        let done = DispatchSemaphore(value: 0)
        Task.detached {
            let value = await body()
            result.value.withLock { $0 = value }
            done.signal()
        }
        done.wait()
        guard let value = result.value.withLock({ $0 }) else { preconditionFailure("the answer is lost") }
        return value
    }

    private final class Held<Value: Sendable>: Sendable {
        let value = Mutex<Value?>(nil)
    }
}

extension MemoryStore {
    fileprivate var version: UInt64 { (try? list(StoreQuery(kinds: [.namespace])).version) ?? 0 }
}
