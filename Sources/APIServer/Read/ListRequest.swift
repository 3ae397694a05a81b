import Apply
import Model
import Tree

/// What a list asks for beside its selectors: how fresh, how much, and from where
/// (kubernetes.io/docs/reference/using-api/api-concepts, "Resource versions").
struct ListRequest: Sendable {
    /// Where a list that came in parts goes on.
    struct Continuation: Sendable, Hashable {
        let version: UInt64
        let namespace: String
        let name: String

        /// Opaque to clients; none of its parts can hold the separator.
        var token: String { "\(version)~\(namespace)~\(name)" }

        init(version: UInt64, after key: ObjectKey) {
            self.version = version
            (namespace, name) = (key.namespace, key.name)
        }

        init?(token: String) {
            let parts = token.split(separator: "~", omittingEmptySubsequences: false)
            guard parts.count == 3, let version = UInt64(parts[0]), !parts[2].isEmpty else { return nil }
            self.version = version
            (namespace, name) = (String(parts[1]), String(parts[2]))
        }
    }

    var limit: Int?
    var continuation: Continuation?
    /// The version asked for; nil for the most recent state, 0 for any.
    var version: UInt64?
    var isExact = false
    var isWatch = false
    /// After how long a watch ends; nil where nothing was said.
    var seconds: Int64?
    var sendsInitialEvents: Bool?
    var bookmarks = false

    /// Whether it asks for all there is now, at once.
    var isOpen: Bool { limit == nil && continuation == nil && !isExact }

    /// Throws the answer to a request that makes no sense.
    init(_ query: [String: String]) throws {
        let parameters = Parameters(query)
        isWatch = parameters.flag("watch") ?? false
        // Less than one is as if none was asked for.
        limit = try parameters.number("limit").flatMap { $0 > 0 ? Int($0) : nil }
        seconds = try parameters.number("timeoutSeconds")
        sendsInitialEvents = parameters.flag("sendInitialEvents")
        bookmarks = parameters.flag("allowWatchBookmarks") ?? false
        let match = parameters.text("resourceVersionMatch")
        let problems = Self.problems(parameters, match, isWatch: isWatch)
        guard problems.isEmpty else { throw AdmissionError.options("ListOptions", problems) }
        version = try Self.version(query)
        // A part of a list that names a version begins in the state of just that version.
        isExact = match == "Exact" || match.isEmpty && !isWatch && limit != nil && (version ?? 0) > 0
        let token = parameters.text("continue")
        guard !token.isEmpty, !isWatch else { return }
        guard let continuation = Continuation(token: token) else {
            throw RequestProblem.bad("invalid continue token: continue key is not valid: \"\(token)\"")
        }
        guard (version ?? 0) == 0 else {
            throw RequestProblem.bad("specifying resource version is not allowed when using continue")
        }
        self.continuation = continuation
    }

    private static func problems(_ parameters: Parameters, _ match: String, isWatch: Bool) -> [FieldError] {
        let path: FieldPath = ["resourceVersionMatch"]
        var problems: [FieldError] = []
        func forbid(_ path: FieldPath, _ why: String) { problems.append(FieldError(.forbidden, path, why)) }
        let initial = parameters.has("sendInitialEvents")
        let words = isWatch ? ["NotOlderThan"] : ["Exact", "NotOlderThan", ""]
        if isWatch, initial, match != "NotOlderThan" {
            forbid(path, "sendInitialEvents requires setting resourceVersionMatch to NotOlderThan")
        }
        if !match.isEmpty {
            if isWatch, !initial {
                forbid(path, "resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided")
            }
            if !isWatch, parameters.text("resourceVersion").isEmpty {
                forbid(path, "resourceVersionMatch is forbidden unless resourceVersion is provided")
            }
            if isWatch, !words.contains(match) { problems.append(unknown(match, words)) }
            if !parameters.text("continue").isEmpty {
                forbid(path, "resourceVersionMatch is forbidden when continue is provided")
            }
            if !isWatch, !words.contains(match) { problems.append(unknown(match, words)) }
            if !isWatch, match == "Exact", parameters.text("resourceVersion") == "0" {
                forbid(path, "resourceVersionMatch \"exact\" is forbidden for resourceVersion \"0\"")
            }
        }
        if !isWatch, initial { forbid(["sendInitialEvents"], "sendInitialEvents is forbidden for list") }
        return problems
    }

    private static func unknown(_ match: String, _ words: [String]) -> FieldError {
        let list = words.map { "\"\($0)\"" }.joined(separator: ", ")
        return FieldError(
            .notSupported, ["resourceVersionMatch"], value: .string(match), "supported values: \(list)")
    }

    static func version(_ query: [String: String]) throws(RequestProblem) -> UInt64? {
        guard let text = query["resourceVersion"], !text.isEmpty else { return nil }
        guard let version = UInt64(text) else {
            throw .bad(
                "invalid resource version: resourceVersion: Invalid value: \"\(text)\": strconv.ParseUint: "
                    + "parsing \"\(text)\": invalid syntax")
        }
        return version
    }
}

/// Why a read is refused, with its answer.
struct RequestProblem: Error, Sendable {
    let response: APIResponse

    static func bad(_ message: String) -> RequestProblem {
        RequestProblem(response: .failure(400, "BadRequest", message))
    }

    static let expired = RequestProblem(
        response: .failure(410, "Expired", "The resourceVersion for the provided list is too old."))

    static func future(_ version: UInt64, current: UInt64) -> RequestProblem {
        RequestProblem(
            response: .failure(
                504, "Timeout", "Timeout: Too large resource version: \(version), current: \(current)",
                details: [
                    "causes": [["reason": "ResourceVersionTooLarge", "message": "Too large resource version"]],
                    "retryAfterSeconds": 1,
                ]))
    }
}
