package import Model

/// What a path means: `/apis/GROUP/VERSION[/namespaces/NS]/PLURAL[/NAME[/SUBRESOURCE]]`, or `/api/v1/…` for the
/// core group. Which methods it takes is one table: `methods`.
struct Route: Sendable, Hashable {
    enum Part: String, Sendable { case whole = "", status, scale, log, finalize }

    /// What a path is, where it is the path of no resource.
    enum Miss: Error, Sendable, Hashable {
        /// Outside of every group that is served.
        case page
        /// Inside of a group, but nothing there is of that name.
        case resource
        /// Below an object of a kind of ours, which is then said not to be there.
        case part(ObjectKey)
    }

    var kind: Kind
    var namespace: String?
    var name: String?
    var part = Part.whole
    /// Whether the object is meant as the group events.k8s.io has it.
    var isNewEvent = false

    init(path: String) throws(Miss) {
        guard !path.contains("//") else { throw path.hasPrefix("/api/") ? .resource : .page }
        var steps = path.split(separator: "/", omittingEmptySubsequences: true).map(String.init)
        let group: String
        switch steps.first {
        case "api" where steps.count >= 2:
            guard steps[1] == "v1", steps.count >= 3 else { throw .resource }
            group = ""
            steps.removeFirst(2)
        case "apis" where steps.count >= 4:
            group = steps[1]
            guard ServedResource.groups.contains(where: { $0 == (steps[1], steps[2]) }) else { throw .page }
            steps.removeFirst(3)
        default: throw .page
        }
        var space: String?
        if steps.first == "namespaces", steps.count >= 3, !(group.isEmpty && Self.isOfNamespace(steps[2])) {
            space = steps[1]
            steps.removeFirst(2)
        }
        let isNew = group == EventGroup.group
        guard let plural = steps.first,
            let kind = Kind.allCases.first(where: {
                ($0.group == group || isNew && $0 == .event) && $0.plural == plural
            }),
            kind.namespaced || space == nil
        else { throw group == Kind.group ? .page : .resource }
        self.kind = kind
        isNewEvent = isNew
        namespace = space
        name = steps.count > 1 ? steps[1] : nil
        guard name == nil || namespace != nil || !kind.namespaced else { throw .resource }
        guard steps.count > 2 else { return }
        // Of a custom resource a real server reads no further than the subresource.
        guard steps.count == 3 || kind.isOwn, let part = Part(rawValue: steps[2]), Self.parts(kind).contains(part)
        else {
            throw kind.isOwn ? .part(ObjectKey(kind, space ?? "", steps[1])) : .resource
        }
        self.part = part
    }

    private static func isOfNamespace(_ step: String) -> Bool { step == "status" || step == "finalize" }

    private static func parts(_ kind: Kind) -> [Part] {
        switch kind {
        case .namespace: [.status, .finalize]
        case .workerPool: [.status, .scale]
        case .task: [.status, .log]
        default: kind.hasStatus ? [.status] : []
        }
    }

    /// The methods that are answered here.
    var methods: Set<APIRequest.Method> {
        switch (part, name) {
        case (.log, _): [.get]
        case (.finalize, _): [.put]
        case (.status, _), (.scale, _): [.get, .put, .patch]
        case (.whole, .some): [.get, .put, .patch, .delete]
        case (.whole, nil) where kind.namespaced && namespace == nil: [.get]
        case (.whole, nil): kind == .namespace ? [.get, .post] : [.get, .post, .delete]
        }
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
