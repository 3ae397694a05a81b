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

    /// Whether it asks for all there is now, at once.
    var isOpen: Bool { limit == nil && continuation == nil && !isExact }

    /// Throws the answer to a request that makes no sense.
    init(_ query: [String: String]) throws(RequestProblem) {
        if let text = query["limit"], !text.isEmpty {
            guard let limit = Int(text), limit >= 0 else { throw .bad("invalid limit \"\(text)\": must be a number") }
            self.limit = limit > 0 ? limit : nil
        }
        version = try Self.version(query)
        let match = query["resourceVersionMatch"] ?? ""
        if !match.isEmpty {
            guard ["Exact", "NotOlderThan"].contains(match) else {
                throw .bad("resourceVersionMatch \"\(match)\" is unknown: Exact or NotOlderThan")
            }
            guard let version else {
                throw .bad("resourceVersionMatch is forbidden unless resourceVersion is provided")
            }
            guard match != "Exact" || version > 0 else {
                throw .bad("resourceVersionMatch \"Exact\" is forbidden for resourceVersion \"0\"")
            }
            isExact = match == "Exact"
        }
        if let token = query["continue"], !token.isEmpty {
            guard let continuation = Continuation(token: token) else {
                throw .bad("invalid continue token: continue key is not valid: \"\(token)\"")
            }
            guard (version ?? 0) == 0 else {
                throw .bad("specifying resource version is not allowed when using continue")
            }
            self.continuation = continuation
        }
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
