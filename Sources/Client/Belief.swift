import APIServer
import Documents
import HTTP
package import Model
package import Tree

/// What an answer has to be before it is believed: its status, how its bytes are written, the kind and version that it
/// says it is of, and the object that was asked for. Anything else is an error that shows the first line of what came.
package enum Belief {
    // MARK: Answers over the network

    /// Whether the head of an answer is one that the API gives to this request; nil where it is.
    static func doubt(
        _ status: Int, _ headers: HTTPHeaders, of request: APIRequest, isStream: Bool, begins piece: [UInt8]
    ) -> ClientError? {
        guard [200, 201, 202].contains(status) else {
            let place =
                headers["Location"].map { ", to \($0.prefix(longestExcerpt)); redirects are not followed" } ?? ""
            return no(request, status, "the answer has status \(status)\(place)", piece)
        }
        if let coding = headers["Content-Encoding"], coding.lowercased() != "identity" {
            return no(request, status, "the answer is encoded as \(coding.prefix(20)), which was not asked for", [])
        }
        let isText = answersText(request.path)
        let type = mediaType(headers)
        guard type == (isText ? "text/plain" : "application/json") else {
            return no(
                request, status, "the answer is \(type.isEmpty ? "of no type" : type.prefix(40).description)", piece)
        }
        // Without either of them the end of the answer can't be told from a broken connection.
        guard !isStream || !isText || headers["Content-Length"] != nil || headers["Transfer-Encoding"] != nil else {
            return no(request, status, "nothing says where the answer ends", piece)
        }
        return nil
    }

    /// A refusal as the API words it; nil where somebody else refused.
    static func refusal(_ status: Int, _ headers: HTTPHeaders, _ body: [UInt8]) -> Tree? {
        // What is encoded in a way that was not asked for is somebody else's word, whatever it seems to say.
        guard status >= 400, mediaType(headers) == "application/json",
            (headers["Content-Encoding"] ?? "identity").lowercased() == "identity"
        else { return nil }
        do throws(DocumentError) {
            let tree = try JSON.parse(body, limits: .answer)
            return isStatus(tree, "Failure") ? tree : nil
        } catch { return nil }
    }

    static func tree(_ body: [UInt8], _ status: Int, of request: APIRequest) throws(ClientError) -> Tree {
        if answersText(request.path) { return .string(String(decoding: body, as: UTF8.self)) }
        do throws(DocumentError) { return try JSON.parse(body, limits: .answer) } catch {
            throw no(request, status, "the answer can't be read: \(error.message)", body)
        }
    }

    // MARK: Objects

    /// The object of that key, and no other.
    package static func object(_ tree: Tree, _ key: ObjectKey) throws(ClientError) -> Tree {
        let metadata = tree["metadata"]
        let isIt =
            isOf(tree, key.kind) && metadata?["name"]?.string == key.name
            && (metadata?["namespace"]?.string ?? "") == key.namespace
        guard isIt else { throw no("\(key) was asked for, and the answer is \(described(tree))") }
        return tree
    }

    /// An object of a watch or a list.
    package static func member(_ tree: Tree, _ kind: Kind, in namespace: String?) throws(ClientError) -> Tree {
        var tree = tree
        // Items of a list may leave out what the list says once.
        if tree["kind"] == nil, case .object = tree { tree["kind"] = .string(kind.rawValue) }
        if tree["apiVersion"] == nil, case .object = tree { tree["apiVersion"] = .string(kind.apiVersion) }
        let space = tree["metadata"]?["namespace"]?.string ?? ""
        let isThere = kind.namespaced ? !space.isEmpty && (namespace.map { $0 == space } ?? true) : space.isEmpty
        guard isOf(tree, kind), isThere, let name = tree["metadata"]?["name"]?.string, !name.isEmpty else {
            let place = namespace.map { " of namespace \"\($0)\"" } ?? ""
            throw no("\(kind.plural)\(place) were asked for, and the answer has \(described(tree))")
        }
        return tree
    }

    /// One page of a list.
    static func page(_ tree: Tree, _ kind: Kind, in namespace: String?) throws(ClientError) -> Page {
        let metadata = tree["metadata"]
        guard tree["kind"]?.string == kind.rawValue + "List", tree["apiVersion"]?.string == kind.apiVersion,
            let items = tree["items"]?.array, let version = metadata?["resourceVersion"]?.string, !version.isEmpty
        else { throw no("a list of \(kind.plural) was asked for, and the answer is \(described(tree))") }
        var checked: [Tree] = []
        checked.reserveCapacity(items.count)
        for item in items { checked.append(try member(item, kind, in: namespace)) }
        let token = metadata?["continue"]?.string ?? ""
        return Page(items: checked, version: version, token: token.isEmpty ? nil : token)
    }

    struct Page {
        let items: [Tree]
        let version: String
        /// Where the next page begins; nil on the last.
        let token: String?
    }

    /// That an object is deleted, or will be once its finalizers are done.
    static func deletion(_ tree: Tree, _ key: ObjectKey) throws(ClientError) {
        if isStatus(tree, "Success"), tree["details"]?["name"]?.string == key.name { return }
        _ = try object(tree, key)
    }

    /// That the API itself says that there is no such object.
    static func isAbsent(_ key: ObjectKey, _ error: ClientError) -> Bool {
        guard error.status == 404, error.reason == "NotFound", let body = error.body, isStatus(body, "Failure") else {
            return false
        }
        return body["details"]?["name"]?.string == key.name
    }

    // MARK: Details

    private static let longestExcerpt = 120

    private static func isOf(_ tree: Tree, _ kind: Kind) -> Bool {
        tree["kind"]?.string == kind.rawValue && tree["apiVersion"]?.string == kind.apiVersion
    }

    static func isStatus(_ tree: Tree, _ word: String) -> Bool {
        tree["kind"] == "Status" && tree["apiVersion"] == "v1" && tree["status"]?.string == word
    }

    /// Probes and logs are text; all else of the API is JSON.
    private static func answersText(_ path: String) -> Bool {
        ["/healthz", "/livez", "/readyz"].contains(path) || path.hasSuffix("/log")
    }

    private static func mediaType(_ headers: HTTPHeaders) -> String {
        let type = (headers["Content-Type"] ?? "").prefix { $0 != ";" }
        return type.filter { $0 != " " }.lowercased()
    }

    static func no(_ request: APIRequest, _ status: Int, _ why: String, _ body: [UInt8]) -> ClientError {
        let excerpt = firstLine(body).map { "; it begins: \($0)" } ?? ""
        return no("\(request.method.rawValue) \(request.path): \(why)\(excerpt)", status: status)
    }

    static func no(_ why: String, status: Int = 200) -> ClientError {
        ClientError(
            status: status, reason: "NotBelieved",
            message: "what answered does not answer as this API does: \(why)")
    }

    /// The first line that says anything.
    static func firstLine(_ body: [UInt8]) -> String? {
        let isEnd: (UInt8) -> Bool = { $0 == 0x0A || $0 == 0x0D }
        let line = body.prefix(4096).drop { isEnd($0) || $0 == 0x20 || $0 == 0x09 }.prefix { !isEnd($0) }
        guard !line.isEmpty else { return nil }
        let text = String(decoding: line.prefix(longestExcerpt), as: UTF8.self)
        return line.count > longestExcerpt ? text + "…" : text
    }

    private static func described(_ tree: Tree) -> String {
        guard case .object = tree else { return "\(tree.typeName): \(JSON.text(tree).prefix(longestExcerpt))" }
        guard let kind = tree["kind"]?.string else {
            return "an object without a kind: \(JSON.text(tree).prefix(longestExcerpt))"
        }
        let name = [tree["metadata"]?["namespace"]?.string, tree["metadata"]?["name"]?.string].compactMap { $0 }
        let version = tree["apiVersion"]?.string ?? "no version"
        let parts = name.isEmpty ? "" : " \"\(name.joined(separator: "/").prefix(longestExcerpt))\""
        return "a \(kind.prefix(60)) of \(version.prefix(60))\(parts)"
    }
}
