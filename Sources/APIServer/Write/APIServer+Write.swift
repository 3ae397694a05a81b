import Apply
import Documents
import Model
import Ports
import Tree

extension APIServer {
    private static let attempts = 10
    /// Bytes of a request's body, as a real API server takes them.
    private static let bodyLimit = 3 << 20

    func create(_ request: APIRequest, _ route: Route) async throws -> APIResponse {
        try requireObjectType(request)
        let document = try object(request, route.kind)
        if route.name != nil {
            // What is sent is looked at first, as a real API server does.
            try admission(route.kind).checkType(document)
            return Self.methodNotAllowed
        }
        guard !route.kind.namespaced || route.namespace != nil else {
            return .failure(
                405, "MethodNotAllowed",
                "\(route.kind.plural) are created in a namespace: POST to /namespaces/NAME/\(route.kind.plural)")
        }
        try await requireNamespace(route)
        let admitted = try admission(route.kind).prepareCreate(
            document, namespace: route.namespace, uid: newUID(), context(request, request.agent))
        return try await commitCreate(admitted, route, request)
    }

    private func commitCreate(_ admitted: Admitted, _ route: Route, _ request: APIRequest) async throws -> APIResponse {
        var admitted = admitted
        if route.kind == .namespace { admitted.tree["status"] = ["phase": "Active"] }
        let name = admitted.tree["metadata"]?["name"]?.string ?? ""
        let key = ObjectKey(route.kind, route.namespace ?? "", name)
        if let refusal = MadeByControllers.refusal(request.caller, key, old: nil, new: admitted.tree) {
            throw RequestProblem(response: refusal)
        }
        admitted.warnings += try await unconfinedWarnings(route.kind, admitted.tree)
        if request.query["dryRun"] == "All" {
            if try await store.get(key) != nil { throw AdmissionError.alreadyExists(key.kind, key.name) }
            return .value(status: 201, admitted.tree, warnings: admitted.warnings)
        }
        let receipt = try await store.commit(Batch([.create(key, admitted.tree)]))
        return .value(status: 201, receipt.objects.first??.tree ?? admitted.tree, warnings: admitted.warnings)
    }

    func replace(_ key: ObjectKey, _ request: APIRequest, _ route: Route) async throws -> APIResponse {
        try requireObjectType(request)
        let document = route.part == .scale ? try body(request) : try object(request, route.kind)
        try admission(route.kind).checkAddress(document, namespace: route.namespace, name: key.name)
        return try await change(key, route, request) { old in
            try admission(route.kind).prepareUpdate(
                old: old, new: document, subresource: subresource(route), context(request, request.agent))
        }
    }

    func patch(_ key: ObjectKey, _ request: APIRequest, _ route: Route) async throws -> APIResponse {
        let admission = self.admission(route.kind)
        let part = subresource(route)
        switch request.contentType.split(separator: ";").first.map(String.init) {
        case "application/apply-patch+yaml", "application/apply-patch+json", "application/apply-patch":
            let applied = try body(request)
            try admission.checkAddress(applied, namespace: route.namespace, name: key.name)
            try await requireNamespace(route)
            return try await apply(key, applied, part, request, route)
        case "application/merge-patch+json":
            let tree = try body(request)
            return try await change(key, route, request) { old in
                try admission.preparePatch(old: old, .merge(tree), subresource: part, context(request, request.agent))
            }
        case "application/strategic-merge-patch+json" where !route.kind.isOwn:
            let tree = try body(request)
            return try await change(key, route, request) { old in
                try admission.preparePatch(
                    old: old, .merge(StrategicMerge.mergePatch(tree, for: old)), subresource: part,
                    context(request, request.agent))
            }
        case "application/json-patch+json":
            let tree = try body(request)
            return try await change(key, route, request) { old in
                try admission.preparePatch(old: old, .json(tree), subresource: part, context(request, request.agent))
            }
        default:
            return .failure(
                415, "UnsupportedMediaType",
                "the body of the request was in an unknown format - accepted media types include: "
                    + "application/json-patch+json, application/merge-patch+json, application/apply-patch+yaml")
        }
    }

    /// Server-side apply: creates what is not there, merges into what is.
    private func apply(
        _ key: ObjectKey, _ applied: Tree, _ part: Subresource, _ request: APIRequest, _ route: Route
    ) async throws -> APIResponse {
        for attempt in 1...Self.attempts {
            let live = try await store.get(key)
            let admitted = try admission(route.kind).prepareApply(
                live: live?.tree, applied: applied, namespace: route.namespace, force: request.query["force"] == "true",
                subresource: part, uid: newUID(), context(request, nil))
            do {
                guard let live else { return try await commitCreate(admitted, route, request) }
                return try await commitUpdate(key, admitted, over: live, route, request)
            } catch let error as StoreError where attempt < Self.attempts && error.isRace {
                continue
            }
        }
        throw AdmissionError.modified(key.kind, key.name)
    }

    /// Reads, decides and commits, again when somebody else was faster.
    private func change(
        _ key: ObjectKey, _ route: Route, _ request: APIRequest, _ decide: (Tree) throws -> Admitted
    ) async throws -> APIResponse {
        for attempt in 1...Self.attempts {
            guard let old = try await store.get(key) else { return notFound(key) }
            let admitted = try decide(old.tree)
            do {
                return try await commitUpdate(key, admitted, over: old, route, request)
            } catch let error as StoreError where attempt < Self.attempts && error.isRace {
                continue
            }
        }
        throw AdmissionError.modified(key.kind, key.name)
    }

    private func commitUpdate(
        _ key: ObjectKey, _ admitted: Admitted, over old: StoredObject, _ route: Route, _ request: APIRequest
    ) async throws -> APIResponse {
        var tree = admitted.tree
        if admitted.changed, MadeByControllers.kinds.contains(key.kind),
            let refusal = MadeByControllers.refusal(request.caller, key, old: old.tree, new: tree)
        {
            throw RequestProblem(response: refusal)
        }
        if admitted.changed, request.query["dryRun"] != "All" {
            let receipt = try await store.commit(Batch([.update(key, admitted.tree, expecting: old.version)]))
            tree = receipt.objects.first??.tree ?? tree
        }
        let warnings = admitted.warnings + (try await unconfinedWarnings(key.kind, tree))
        return .ok(route.part == .scale ? Scale.tree(of: tree, key.kind) : tree, warnings: warnings)
    }

    func delete(_ key: ObjectKey, _ request: APIRequest, _ route: Route) async throws -> APIResponse {
        let document = request.body.isEmpty ? Tree.emptyObject : try JSON.parse(request.body)
        let options = try options(document, request, key.kind)
        let isDry = request.query["dryRun"] == "All" || document["dryRun"]?.array?.contains("All") == true
        for attempt in 1...Self.attempts {
            guard let old = try await store.get(key) else { return notFound(key) }
            let deletion = try admission(route.kind).prepareDelete(
                old: old.tree, options.withoutOrphanFinalizer, now: clock.now.wall)
            if isDry, case .remove = deletion { return removed(old) }
            if isDry { return .ok(old.tree) }
            do throws(StoreError) {
                if key.kind == .namespace {
                    return try await deleteNamespace(old).map { .ok($0.tree) } ?? removed(old)
                }
                if options.propagation == .orphan { try await orphanDependents(of: old) }
                switch deletion {
                case .underWay: return .ok(old.tree)
                case .mark(let tree):
                    let receipt = try await store.commit(Batch([.update(key, tree, expecting: old.version)]))
                    return .ok(receipt.objects.first??.tree ?? tree)
                case .remove:
                    _ = try await store.commit(Batch([.remove(key, expecting: old.version)]))
                    return removed(old)
                }
            } catch {
                guard attempt < Self.attempts, error.isRace else { throw error }
            }
        }
        throw AdmissionError.modified(key.kind, key.name)
    }

    // MARK: Details

    private func removed(_ object: StoredObject) -> APIResponse {
        let kind = object.key.kind
        var details: Tree = [
            "name": .string(object.key.name), "kind": .string(kind.plural), "uid": .string(object.uid),
        ]
        if !kind.group.isEmpty { details["group"] = .string(kind.group) }
        return .ok([
            "kind": "Status", "apiVersion": "v1", "metadata": .emptyObject, "status": "Success", "details": details,
        ])
    }

    private func options(_ document: Tree, _ request: APIRequest, _ kind: Kind) throws -> DeleteOptions {
        var options = DeleteOptions()
        options.uid = document["preconditions"]?["uid"]?.string
        options.resourceVersion = document["preconditions"]?["resourceVersion"]?.string
        guard let word = document["propagationPolicy"]?.string ?? request.query["propagationPolicy"] else {
            return options
        }
        guard let policy = DeleteOptions.Propagation(rawValue: word) else {
            throw AdmissionError(.badRequest, "propagationPolicy \"\(word)\" is unknown: Background or Foreground")
        }
        let isParent = [Kind.region, .workerPool, .executionPlan].contains(kind)
        guard policy != .orphan || !isParent else {
            throw AdmissionError(
                .badRequest,
                "propagationPolicy Orphan is not possible: what a \(kind.rawValue) made ends with it, as nobody else would "
                    + "end it or pay for it; delete it without")
        }
        // Only objects that make others have a controller that ends a foreground deletion.
        if isParent || policy == .orphan { options.propagation = policy }
        return options
    }

    /// JSON and YAML are read of every kind, protobuf of the few that kubectl sends so.
    func requireObjectType(_ request: APIRequest) throws(RequestProblem) {
        let type = String(request.contentType.prefix { $0 != ";" })
        guard !["application/json", "application/yaml", Self.protobuf, "*/*", ""].contains(type) else { return }
        throw Self.unknownFormat
    }

    private static let protobuf = "application/vnd.kubernetes.protobuf"
    private static let unknownFormat = RequestProblem(
        response: .failure(
            415, "UnsupportedMediaType",
            "the body of the request was in an unknown format - accepted media types include: "
                + "application/json, application/yaml"))

    func body(_ request: APIRequest) throws -> Tree {
        guard request.body.count <= Self.bodyLimit else {
            throw AdmissionError(.tooLarge, "Request entity too large: limit is \(Self.bodyLimit)")
        }
        if request.contentType.hasPrefix(Self.protobuf) {
            guard let tree = ProtobufBody.tree(request.body) else { throw Self.unknownFormat }
            return tree
        }
        let documents = try Documents.parse(request.body)
        guard documents.count == 1 else {
            throw AdmissionError(.badRequest, "the body must hold one object, it holds \(documents.count)")
        }
        return documents[0].tree
    }

    /// A whole object. Kubernetes' own kinds may leave out what they are: the path says it.
    private func object(_ request: APIRequest, _ kind: Kind) throws -> Tree {
        var tree = try body(request)
        guard !kind.isOwn, case .object = tree else { return tree }
        if (tree["kind"]?.string ?? "").isEmpty { tree["kind"] = .string(kind.rawValue) }
        if (tree["apiVersion"]?.string ?? "").isEmpty { tree["apiVersion"] = .string(kind.apiVersion) }
        return tree
    }

    private func subresource(_ route: Route) -> Subresource {
        switch route.part {
        case .status: .status
        case .scale: .scale
        case .whole, .log: .none
        }
    }

    private func context(_ request: APIRequest, _ manager: String?) -> WriteContext {
        WriteContext(
            now: clock.now.wall, manager: request.query["fieldManager"] ?? manager,
            fieldValidation: request.query["fieldValidation"].flatMap(FieldValidation.init(rawValue:)) ?? .warn)
    }

    private func requireNamespace(_ route: Route) async throws {
        guard route.kind.namespaced, let name = route.namespace else { return }
        guard let namespace = try await store.get(ObjectKey(.namespace, "", name)) else {
            throw AdmissionError.notFound(.namespace, name)
        }
        guard namespace.tree["metadata"]?["deletionTimestamp"] != nil else { return }
        throw RequestProblem(
            response: .failure(
                403, "Forbidden",
                "\(route.kind.plural) is forbidden: unable to create new content in namespace \(name) because it is "
                    + "being terminated"))
    }
}

extension DeleteOptions {
    /// Dependents are orphaned within the request: no finalizer has to hold the object until then.
    fileprivate var withoutOrphanFinalizer: DeleteOptions {
        var options = self
        if options.propagation == .orphan { options.propagation = .background }
        return options
    }
}

extension StoreError {
    /// Somebody else was faster: reading again and deciding again may work.
    var isRace: Bool {
        switch code {
        case .conflict, .alreadyExists, .notFound: true
        default: false
        }
    }
}
