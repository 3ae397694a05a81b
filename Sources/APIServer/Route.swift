package import Model

/// What a path means: `/apis/GROUP/VERSION[/namespaces/NS]/PLURAL[/NAME[/SUBRESOURCE]]`, or `/api/v1/…` for the
/// core group.
struct Route: Sendable, Hashable {
    enum Part: String, Sendable { case whole = "", status, scale, log }

    var kind: Kind
    var namespace: String?
    var name: String?
    var part = Part.whole

    init?(path: String) {
        var steps = path.split(separator: "/", omittingEmptySubsequences: true).map(String.init)
        let group: String
        switch steps.first {
        case "api" where steps.count >= 3 && steps[1] == "v1":
            group = ""
            steps.removeFirst(2)
        case "apis" where steps.count >= 4:
            group = steps[1]
            guard let version = Kind.allCases.first(where: { $0.group == group })?.version, version == steps[2] else {
                return nil
            }
            steps.removeFirst(3)
        default: return nil
        }
        var space: String?
        if steps.first == "namespaces", steps.count >= 3 {
            space = steps[1]
            steps.removeFirst(2)
        }
        guard let plural = steps.first, steps.count <= 3,
            let kind = Kind.allCases.first(where: { $0.group == group && $0.plural == plural }),
            kind.namespaced || space == nil
        else { return nil }
        self.kind = kind
        namespace = space
        name = steps.count > 1 ? steps[1] : nil
        if steps.count > 2 {
            guard let part = Part(rawValue: steps[2]), part != .whole else { return nil }
            self.part = part
        }
        guard name == nil || namespace != nil || !kind.namespaced else { return nil }
    }

    var key: ObjectKey? { name.map { ObjectKey(kind, namespace ?? "", $0) } }

    /// The path of an object or, without a name, of a collection.
    static func path(_ kind: Kind, namespace: String?, name: String? = nil, part: String? = nil) -> String {
        var path = kind.group.isEmpty ? "/api/v1" : "/apis/\(kind.apiVersion)"
        if kind.namespaced, let namespace { path += "/namespaces/\(namespace)" }
        path += "/\(kind.plural)"
        if let name { path += "/\(name)" }
        if let part { path += "/\(part)" }
        return path
    }
}

/// The paths of the API, for clients of ours.
package enum APIPath {
    package static func collection(_ kind: Kind, namespace: String?) -> String {
        Route.path(kind, namespace: namespace)
    }
    package static func object(_ key: ObjectKey, part: String? = nil) -> String {
        Route.path(key.kind, namespace: key.namespace, name: key.name, part: part)
    }
}
