import Apply
import Documents
import Model
import Synchronization
import Tree

/// `events.k8s.io/v1`: the core group's Events under the names that newer clients have for their members
/// (k8s.io/api, events/v1). The objects are the same, and so are the rights to them.
enum EventGroup {
    static let group = "events.k8s.io"
    private static let apiVersion = "events.k8s.io/v1"
    private static let root = "/apis/events.k8s.io/v1/"

    /// Core's name and this group's.
    private static let members: [(core: String, here: String)] = [
        ("message", "note"), ("involvedObject", "regarding"), ("source", "deprecatedSource"),
        ("firstTimestamp", "deprecatedFirstTimestamp"), ("lastTimestamp", "deprecatedLastTimestamp"),
        ("count", "deprecatedCount"), ("reportingComponent", "reportingController"),
    ]

    /// What is written by way of this group is read, checked and recorded in its own shape.
    static let admission: Admission = {
        var schema = Kind.event.schema
        schema.properties = schema.properties.prefix(3) + CoreShapes.newEvent
        return Admission(.event, schema: schema.withMetadata, apiVersion: apiVersion)
    }()

    /// The same request of the core group, for asking whether it is allowed; nil where it is none of this group's.
    static func head(_ request: APIRequest) -> APIRequest? {
        guard request.path.hasPrefix(root) else { return nil }
        var inner = request
        inner.path = "/api/v1/" + request.path.dropFirst(root.count)
        inner.isWhole = true
        // Nothing else of the core group is reached by this way.
        // try?: see above.
        guard let route = try? Route(path: inner.path), route.kind == .event else { return nil }
        return inner
    }

    /// The same request with a selector in the core group's words.
    static func selecting(_ request: APIRequest) -> APIRequest {
        var inner = request
        // What the core group calls it is not known here.
        inner.query["fieldSelector"] = request.query["fieldSelector"]?
            .replacing("involvedObject.", with: "involvedObject?.").replacing("regarding.", with: "involvedObject.")
            .replacing("reportingController", with: "reportingComponent")
        inner.isWhole = true
        return inner
    }

    /// An Event as this group has it.
    static func outward(_ tree: Tree) -> Tree { renamed(tree, to: apiVersion) { ($0.core, $0.here) } }

    /// An Event of this group as it is stored.
    static func inward(_ tree: Tree) throws(AdmissionError) -> Tree {
        let core = renamed(tree, to: Kind.event.apiVersion) { ($0.here, $0.core) }
        return try TypedDecoding.decode(core, Kind.event.objectSchema, Kind.event.rawValue)
    }

    /// The core group's answer as this group's.
    static func translated(_ response: APIResponse) -> APIResponse {
        switch response {
        case .value(let status, let tree, let warnings): return .value(status: status, shown(tree), warnings: warnings)
        case .json(let bytes):
            do { return .ok(shown(try JSON.parse(bytes, limits: .answer))) } catch {
                return .failure(500, "InternalError", "the events can't be read: \(error); ask for them in parts")
            }
        case .stream(let contentType, let stream):
            let rest = Mutex<[UInt8]>([])
            return .stream(
                contentType: contentType,
                APIStream(
                    next: {
                        guard let bytes = await stream.next() else { return nil }
                        return rest.withLock { lines(&$0, bytes) }
                    }, close: stream.close))
        case .text, .document, .pieces: return response
        }
    }

    /// The whole lines of what has come, translated; what is not yet whole waits.
    private static func lines(_ rest: inout [UInt8], _ bytes: [UInt8]) -> [UInt8] {
        rest += bytes
        guard let end = rest.lastIndex(of: 0x0A) else { return [] }
        var result: [UInt8] = []
        for line in rest[..<end].split(separator: 0x0A) {
            // try?: lines are of our own encoder; one that were none would be passed on as it is.
            guard var event = try? JSON.parse(Array(line), limits: .answer) else {
                result += line + [0x0A]
                continue
            }
            event["object"] = event["object"].map(shown)
            JSON.encode(event, into: &result)
            result.append(0x0A)
        }
        rest.removeSubrange(...end)
        return result
    }

    private static func shown(_ tree: Tree) -> Tree {
        switch tree["kind"]?.string {
        case "Event": return outward(tree)
        case "EventList":
            var list = tree
            list["apiVersion"] = .string(apiVersion)
            list["items"] = .array((tree["items"]?.array ?? []).map(outward))
            return list
        case "Status" where tree["details"]?["kind"] == "events":
            var status = tree
            status["details"]?["group"] = .string(group)
            return status
        default: return tree
        }
    }

    private static func renamed(
        _ tree: Tree, to version: String, _ pair: ((core: String, here: String)) -> (from: String, to: String)
    ) -> Tree {
        var result = tree
        for member in members {
            let (from, to) = pair(member)
            guard let value = tree[from] else { continue }
            result[from] = nil
            result[to] = value
        }
        let given = tree["apiVersion"]?.string
        if given == apiVersion || given == "v1" || given == nil { result["apiVersion"] = .string(version) }
        return result
    }
}
