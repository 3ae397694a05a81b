import Documents
import HTTP
import Model
import Tree

/// One request of the Docker Engine API (docs.docker.com/reference/api/engine), without where the engine is. Pure: the
/// client adds address and version.
struct EngineCall: Sendable, Equatable {
    struct Parameter: Sendable, Equatable {
        let name: String
        let value: String
    }

    var method = HTTPMethod.get
    /// Below the version: `/containers/json`.
    var path: String
    var query: [Parameter] = []
    var body: [UInt8] = []
    var contentType: String?
    var timeout = Duration.seconds(30)
    /// What it does, for errors: "list containers".
    var what: String
    /// Its answer may rest for any time: it is a stream of what happens.
    var mayRest = false
    /// `/version` is asked before a version is known.
    var isVersioned = true

    /// Whether an engine that got it may have changed something.
    var changes: Bool { method != .get && method != .head }

    /// Path and query, percent-encoded.
    func target(version: String?) -> String {
        let prefix = isVersioned ? version.map { "/v\($0)" } ?? "" : ""
        let words = query.map { "\(Self.encoded($0.name))=\(Self.encoded($0.value))" }
        return prefix + path + (words.isEmpty ? "" : "?" + words.joined(separator: "&"))
    }

    /// RFC 3986, 2.3: everything but unreserved characters.
    static func encoded(_ text: String) -> String {
        let digits = Array("0123456789ABCDEF".utf8)
        var bytes: [UInt8] = []
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
                UInt8(ascii: "~"):
                bytes.append(byte)
            default: bytes += [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    private static func filters(_ members: (String, [String])...) -> Parameter {
        var tree = Tree.emptyObject
        for (name, values) in members { tree[name] = .array(values.map { .string($0) }) }
        return Parameter(name: "filters", value: JSON.text(tree))
    }

    private static func post(_ path: String, _ what: String, body: Tree? = nil) -> EngineCall {
        var call = EngineCall(method: .post, path: path, what: what)
        if let body {
            call.body = JSON.encode(body)
            call.contentType = "application/json"
        }
        return call
    }
}

// MARK: The engine itself

extension EngineCall {
    static var version: EngineCall {
        EngineCall(path: "/version", timeout: .seconds(10), what: "ask for the version", isVersioned: false)
    }
    static var info: EngineCall { EngineCall(path: "/info", what: "ask for the engine's facts") }

    static func network(_ name: String) -> EngineCall {
        EngineCall(path: "/networks/\(encoded(name))", what: "look at network \(name)")
    }

    /// Changes of this cluster's containers from then on (seconds since 1970 with a fraction), as JSON lines.
    static func events(cluster: String, since: String?) -> EngineCall {
        var call = EngineCall(path: "/events", what: "follow events")
        call.mayRest = true
        if let since { call.query.append(.init(name: "since", value: since)) }
        call.query.append(
            filters(
                ("event", ["create", "start", "die", "oom", "destroy"]),
                ("label", ["\(WorkerLabels.cluster)=\(cluster)"]),
                ("type", ["container"])))
        return call
    }
}

// MARK: Images

extension EngineCall {
    static func image(_ reference: String) -> EngineCall {
        EngineCall(path: "/images/\(encoded(reference))/json", what: "look at image \(reference)")
    }

    static func pull(_ image: ImageReference) -> EngineCall {
        var call = EngineCall(method: .post, path: "/images/create", what: "pull image \(image.text)")
        call.query = [.init(name: "fromImage", value: image.name), .init(name: "tag", value: image.tag)]
        // What counts is that something moves; the client's limit on silence ends a pull that hangs.
        call.timeout = .minutes(30)
        return call
    }
}

// MARK: Containers

extension EngineCall {
    static func list(cluster: String) -> EngineCall {
        EngineCall(
            path: "/containers/json",
            query: [.init(name: "all", value: "1"), filters(("label", ["\(WorkerLabels.cluster)=\(cluster)"]))],
            what: "list containers")
    }

    /// Those of one worker, whatever they are called.
    static func list(cluster: String, worker uid: String) -> EngineCall {
        var call = list(cluster: cluster)
        call.query = [
            .init(name: "all", value: "1"),
            filters(("label", ["\(WorkerLabels.cluster)=\(cluster)", "\(WorkerLabels.workerUID)=\(uid)"])),
        ]
        return call
    }

    /// Those of tasks' attempts.
    static func tasks(cluster: String) -> EngineCall {
        var call = list(cluster: cluster)
        call.query = [
            .init(name: "all", value: "1"), filters(("label", ["\(TaskLabels.cluster)=\(cluster)"])),
        ]
        return call
    }

    static func inspect(_ name: String) -> EngineCall {
        EngineCall(path: "/containers/\(encoded(name))/json", what: "look at container \(name)")
    }

    static func create(_ name: String, _ body: Tree) -> EngineCall {
        var call = post("/containers/create", "create container \(name)", body: body)
        call.query = [.init(name: "name", value: name)]
        return call
    }

    static func start(_ id: String) -> EngineCall {
        post("/containers/\(encoded(id))/start", "start container \(id.prefix(12))")
    }

    static func terminate(_ id: String) -> EngineCall {
        var call = post("/containers/\(encoded(id))/kill", "end container \(id.prefix(12))")
        call.query = [.init(name: "signal", value: "SIGTERM")]
        return call
    }

    /// With its anonymous volumes, killed where it still runs.
    static func remove(_ id: String) -> EngineCall {
        EngineCall(
            method: .delete, path: "/containers/\(encoded(id))",
            query: [.init(name: "force", value: "1"), .init(name: "v", value: "1")], timeout: .seconds(60),
            what: "remove container \(id.prefix(12))")
    }

    /// Whether the container has that file.
    static func file(_ id: String, _ path: String) -> EngineCall {
        EngineCall(
            method: .head, path: "/containers/\(encoded(id))/archive", query: [.init(name: "path", value: path)],
            what: "look for \(path) in container \(id.prefix(12))")
    }

    /// Unpacks a tar archive, compressed or not, below a directory of the container.
    static func upload(_ id: String, to path: String, _ archive: [UInt8], timeout: Duration) -> EngineCall {
        EngineCall(
            method: .put, path: "/containers/\(encoded(id))/archive", query: [.init(name: "path", value: path)],
            body: archive, contentType: "application/x-tar", timeout: timeout,
            what: "upload to \(path) of container \(id.prefix(12))")
    }
}

// MARK: Volumes

extension EngineCall {
    static func volumes(cluster: String) -> EngineCall {
        EngineCall(
            path: "/volumes", query: [filters(("label", ["\(WorkerLabels.cluster)=\(cluster)"]))],
            what: "list volumes")
    }

    /// Refused by the engine while any container has it.
    static func removeVolume(_ name: String) -> EngineCall {
        EngineCall(method: .delete, path: "/volumes/\(encoded(name))", what: "remove volume \(name)")
    }
}
