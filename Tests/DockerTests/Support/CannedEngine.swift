import HTTP
import Synchronization

/// An engine made of answers, for what a real one can't be made to say.
final class CannedEngine: HTTPTransport {
    struct Answer: Sendable {
        var status = 200
        var body = "{}"
    }

    /// By the end of the path; the first that fits answers.
    private let answers: [(path: String, answer: Answer)]
    private let log = Mutex<[String]>([])
    private let targets = Mutex<[String]>([])

    private static let usual: [(String, Answer)] = [
        ("/version", Answer(body: #"{"ApiVersion":"1.41","MinAPIVersion":"1.12"}"#)),
        (
            "/info",
            Answer(body: #"{"Architecture":"x86_64","OSType":"linux","NCPU":4,"SystemTime":"2026-01-02T03:04:05Z"}"#)
        ),
        ("/networks/bridge", Answer(body: #"{"IPAM":{"Config":[{"Subnet":"172.17.0.0/16","Gateway":"172.17.0.1"}]}}"#)),
        ("/images/img/json", Answer(body: #"{"Architecture":"amd64"}"#)),
        ("/containers/create", Answer(status: 201, body: #"{"Id":"c0ffee"}"#)),
        ("/containers/reconcile-u-1-3-2/json", Answer(status: 404, body: #"{"message":"No such container"}"#)),
        ("/containers/json", Answer(body: "[]")), ("/volumes", Answer(body: #"{"Volumes":null}"#)),
        ("/start", Answer(status: 204, body: "")),
    ]

    /// `changed` come before the usual ones.
    init(_ changed: [(String, Answer)] = []) {
        answers = (changed + Self.usual).map { (path: $0.0, answer: $0.1) }
    }

    /// Method and path of every call, without the query.
    var calls: [String] { log.withLock { $0 } }

    /// What was asked for at that path, with the query.
    func queries(_ path: String) -> [String] { targets.withLock { $0.filter { $0.contains(path + "?") } } }

    private func answer(_ request: HTTPRequest) -> Answer {
        let path = String(request.url.dropFirst("http://docker".count).prefix { $0 != "?" })
        targets.withLock { $0.append(String(request.url.dropFirst("http://docker".count))) }
        log.withLock { $0.append("\(request.method.rawValue) \(path)") }
        return answers.first { path.hasSuffix($0.path) }?.answer ?? Answer()
    }

    func send(_ request: HTTPRequest) async throws(HTTPError) -> HTTPResponse {
        let answer = answer(request)
        return HTTPResponse(status: answer.status, body: Array(answer.body.utf8))
    }

    func stream(_ request: HTTPRequest) async throws(HTTPError) -> HTTPStreamResponse {
        let answer = answer(request)
        return HTTPStreamResponse(status: answer.status, body: HTTPBody(pieces: [Array(answer.body.utf8)]))
    }
}
