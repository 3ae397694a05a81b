package import APIServer
package import Model
package import Tree

/// Objects by their keys. Whatever answers, only the object, the list or the refusal that was asked for is believed.
extension APIClient {
    /// Nil where the API itself says that there is none.
    package func object(_ key: ObjectKey) async throws(ClientError) -> Tree? {
        do throws(ClientError) {
            return try Belief.object(try await send(APIRequest(.get, APIPath.object(key))).tree, key)
        } catch  where Belief.isAbsent(key, error) {
            return nil
        }
    }

    /// A change of one object, answered with the object.
    package func change(_ request: APIRequest, of key: ObjectKey) async throws(ClientError) -> APIAnswer {
        let answer = try await send(request)
        _ = try Belief.object(answer.tree, key)
        return answer
    }

    /// False where there was no such object.
    package func delete(_ key: ObjectKey, dryRun: Bool = false) async throws(ClientError) -> Bool {
        do throws(ClientError) {
            let query = dryRun ? ["dryRun": "All"] : [:]
            try Belief.deletion(try await send(APIRequest(.delete, APIPath.object(key), query: query)).tree, key)
            return true
        } catch  where Belief.isAbsent(key, error) {
            return false
        }
    }

    /// All of a kind in key order, and the version of the list. A nil namespace means all of them.
    package func list(
        _ kind: Kind, namespace: String? = nil, selector: String? = nil, fields: String? = nil
    ) async throws(ClientError) -> (items: [Tree], version: String) {
        try await list(kind, namespace: namespace, selector: selector, fields: fields) { $0 }
    }

    /// All of a kind, each made into what is needed of it as soon as its page is there, so that not all of them are
    /// held whole. A list that changes too fast to be read in pages is begun again, and at last read in one.
    package func list<Value: Sendable>(
        _ kind: Kind, namespace: String? = nil, selector: String? = nil, fields: String? = nil,
        _ make: (Tree) -> Value
    ) async throws(ClientError) -> (items: [Value], version: String) {
        var query: [String: String] = [:]
        query["labelSelector"] = selector
        query["fieldSelector"] = fields
        let path = APIPath.collection(kind, namespace: namespace)
        for limit in [Paging.size, Paging.size, 0] {
            var paging = Paging(kind, namespace, limit: limit)
            var values: [Value] = []
            do throws(ClientError) {
                while let more = paging.next {
                    let page: [Tree]
                    do throws(ClientError) {
                        let query = query.merging(more) { $1 }
                        page = try paging.take(try await send(APIRequest(.get, path, query: query)).tree)
                    } catch  where error.reason == ClientError.tooLarge && paging.shrink() {
                        continue
                    }
                    for item in page { values.append(make(item)) }
                }
                return (values, paging.version)
            } catch  where error.status == 410 && limit > 0 {}
        }
        throw Belief.no("a list of \(kind.plural) that was read in one is said to be too old to go on with")
    }
}

/// Where a list that is read in pages has come to.
struct Paging {
    /// As kubectl.
    static let size = 500
    /// More objects than these are no list that anybody reads.
    static let most = 2_000_000

    private let kind: Kind
    private let namespace: String?
    private var limit: Int
    private var token: String?
    private var seen: Set<String> = []
    private var isOver = false
    private(set) var version = ""

    init(_ kind: Kind, _ namespace: String?, limit: Int) {
        self.kind = kind
        self.namespace = namespace
        self.limit = limit
    }

    /// What to ask for next; nil once all is there.
    var next: [String: String]? {
        guard !isOver else { return nil }
        var query: [String: String] = [:]
        if limit > 0 { query["limit"] = String(limit) }
        query["continue"] = token
        return query
    }

    /// Smaller pages, where one of them was too large to be read; false where that is no help.
    mutating func shrink() -> Bool {
        guard limit > 1 else { return false }
        limit = max(1, limit / 8)
        return true
    }

    mutating func take(_ tree: Tree) throws(ClientError) -> [Tree] {
        let page = try Belief.page(tree, kind, in: namespace)
        guard version.isEmpty || page.version == version else {
            throw Belief.no("the pages of a list of \(kind.plural) are of versions \(version) and \(page.version)")
        }
        version = page.version
        for item in page.items {
            let name = "\(item["metadata"]?["namespace"]?.string ?? "")/\(item["metadata"]?["name"]?.string ?? "")"
            guard seen.insert(name).inserted else {
                throw Belief.no("a list of \(kind.plural) has \(name) twice")
            }
        }
        guard seen.count <= Self.most else { throw Belief.no("a list of \(kind.plural) has no end") }
        isOver = page.token == nil
        guard isOver || (page.token != token && !page.items.isEmpty) else {
            throw Belief.no("a list of \(kind.plural) goes on and does not get further")
        }
        token = page.token
        return page.items
    }
}
