import Apply
import Documents
import Model
import Ports
import Tree

extension APIServer {
    static let attempts = 10

    func create(_ request: APIRequest, _ route: Route, _ view: View) async throws -> APIResponse {
        let document = try object(request, route)
        let options = try WriteOptions(request, .create)
        let context = options.context(clock.now.wall, agent: request.agent)
        return try await create(document, context, options, route, view)
    }

    private func create(
        _ document: Tree, _ context: WriteContext, _ options: WriteOptions, _ route: Route, _ view: View
    ) async throws -> APIResponse {
        // What can't be read is said first, then that there is no place for it, then what is wrong with it.
        var admitted: Admitted
        do {
            admitted = try admission(route).prepareCreate(
                document, namespace: route.namespace, uid: newUID(), context)
        } catch {
            if error.reason == .invalid {
                try await requireNamespace(route, document["metadata"]?["name"]?.string ?? "")
            }
            throw error
        }
        try await requireNamespace(route, admitted.tree["metadata"]?["name"]?.string ?? "")
        if route.isNewEvent { admitted.tree = try EventGroup.inward(admitted.tree) }
        return try await commitCreate(admitted, route, options, view)
    }

    private func commitCreate(
        _ given: Admitted, _ route: Route, _ options: WriteOptions, _ view: View
    ) async throws -> APIResponse {
        var admitted = given
        let name = admitted.tree["metadata"]?["name"]?.string ?? ""
        let key = ObjectKey(route.kind, route.namespace ?? "", name)
        if let refusal = MadeByControllers.refusal(options.caller, key, old: nil, new: admitted.tree) {
            throw RequestProblem(response: refusal)
        }
        admitted.warnings += try await unconfinedWarnings(route.kind, admitted.tree)
        admitted.warnings += try await advisoryWarnings(route.kind, admitted.tree)
        var tree = admitted.tree
        if options.isDry {
            if try await store.get(key) != nil { throw AdmissionError.alreadyExists(key.kind, key.name) }
        } else {
            let receipt = try await made(key, admitted.tree, route)
            admitted.warnings += try quotaWarnings(key, admitted.tree)
            tree = receipt.objects.first??.tree ?? tree
        }
        return present(tree, view, status: 201, warnings: admitted.warnings)
    }

    private func made(_ key: ObjectKey, _ tree: Tree, _ route: Route) async throws -> CommitReceipt {
        do throws(StoreError) { return try await store.commit(Batch([.create(key, tree)])) } catch {
            guard case .full = error.code else { throw error }
            throw RequestProblem(response: failure(error, route, key.name))
        }
    }

    func replace(
        _ key: ObjectKey, _ request: APIRequest, _ route: Route, _ view: View
    ) async throws -> APIResponse {
        let document = route.part == .scale ? try body(request, isOwn: true) : try object(request, route)
        let options = try WriteOptions(request, .update)
        if route.part != .scale, try await store.get(key) == nil { try admission(route).checkReadable(document) }
        try admission(route).checkAddress(document, namespace: route.namespace, name: key.name)
        let context = options.context(clock.now.wall, agent: request.agent)
        if Self.madeByUpdate.contains(route.kind), try await store.get(key) == nil {
            if let uid = document["metadata"]?["uid"]?.string, !uid.isEmpty { throw AdmissionError.gone(key, uid: uid) }
            var first = document
            if let version = first["metadata"]?["resourceVersion"]?.string {
                try AdmissionError.checkReadable(version: version)
                first["metadata"]?["resourceVersion"] = nil
            }
            return try await create(first, context, options, route, view)
        }
        return try await change(key, route, options, view) { old in
            try admission(route).prepareUpdate(old: old, new: document, subresource: subresource(route), context)
        }
    }

    /// The kinds that a PUT creates where they are not there.
    private static let madeByUpdate: Set<Kind> = [.lease, .event]

    func patch(
        _ key: ObjectKey, _ request: APIRequest, _ route: Route, _ view: View
    ) async throws -> APIResponse {
        let form = try patchForm(request, route)
        let options = try WriteOptions(request, .patch, isApply: form == .apply)
        let admission = self.admission(route)
        let context = options.context(clock.now.wall, agent: form == .apply ? nil : request.agent)
        if form == .apply {
            let applied = try yaml(request)
            try admission.checkAddress(applied, namespace: route.namespace, name: key.name)
            return try await apply(key, applied, context, options, route, view)
        }
        let tree = try json(request)
        if form != .json { try requireObject(tree, form) }
        return try await change(key, route, options, view) { old in
            let patch: Patch =
                switch form {
                case .json: .json(tree)
                case .merge, .apply: .merge(tree)
                case .strategic: .whole(try StrategicMerge.apply(tree, to: old, admission.schema))
                }
            return try admission.preparePatch(old: old, patch, subresource: subresource(route), context)
        }
    }

    enum PatchForm: String, CaseIterable {
        case json = "application/json-patch+json"
        case merge = "application/merge-patch+json"
        case strategic = "application/strategic-merge-patch+json"
        case apply = "application/apply-patch+yaml"
    }

    func patchForm(_ request: APIRequest, _ route: Route) throws(RequestProblem) -> PatchForm {
        let taken = PatchForm.allCases.filter { $0 != .strategic || !route.kind.isOwn }
        let type = request.contentType.prefix { $0 != ";" }
        if let form = taken.first(where: { $0.rawValue == type }) { return form }
        throw RequestProblem(
            response: .failure(
                415, "UnsupportedMediaType",
                "the body of the request was in an unknown format - accepted media types include: "
                    + taken.map(\.rawValue).joined(separator: ", ")))
    }

    private func requireObject(_ tree: Tree, _ form: PatchForm) throws(AdmissionError) {
        guard case .object = tree else {
            throw AdmissionError(
                .badRequest,
                "error decoding patch: json: cannot unmarshal \(tree.typeName) into Go value of type "
                    + "map[string]interface {}")
        }
    }

    /// Server-side apply: creates what is not there, merges into what is.
    private func apply(
        _ key: ObjectKey, _ applied: Tree, _ context: WriteContext, _ options: WriteOptions, _ route: Route,
        _ view: View
    ) async throws -> APIResponse {
        for attempt in 1...Self.attempts {
            let live = try await store.get(key)
            var admitted = try admission(route).prepareApply(
                live: live.map { outward($0.tree, route) }, applied: applied, namespace: route.namespace,
                force: options.force, subresource: subresource(route), uid: newUID(), context)
            if route.isNewEvent { admitted.tree = try EventGroup.inward(admitted.tree) }
            do {
                guard let live else {
                    try await requireNamespace(route, key.name)
                    return try await commitCreate(admitted, route, options, view)
                }
                return try await commitUpdate(key, admitted, over: live, route, options, view)
            } catch let error as StoreError where attempt < Self.attempts && error.isRace {
                continue
            }
        }
        throw AdmissionError.modified(key.kind, key.name)
    }

    /// Reads, decides and commits, again when somebody else was faster.
    private func change(
        _ key: ObjectKey, _ route: Route, _ options: WriteOptions, _ view: View, _ decide: (Tree) throws -> Admitted
    ) async throws -> APIResponse {
        for attempt in 1...Self.attempts {
            guard let old = try await store.get(key) else { return notFound(key) }
            var admitted = try decide(outward(old.tree, route))
            if route.isNewEvent { admitted.tree = try EventGroup.inward(admitted.tree) }
            do {
                return try await commitUpdate(key, admitted, over: old, route, options, view)
            } catch let error as StoreError where attempt < Self.attempts && error.isRace {
                continue
            }
        }
        throw AdmissionError.modified(key.kind, key.name)
    }

    private func outward(_ tree: Tree, _ route: Route) -> Tree { route.isNewEvent ? EventGroup.outward(tree) : tree }

    private func commitUpdate(
        _ key: ObjectKey, _ admitted: Admitted, over old: StoredObject, _ route: Route, _ options: WriteOptions,
        _ view: View
    ) async throws -> APIResponse {
        var tree = admitted.tree
        if admitted.changed, MadeByControllers.kinds.contains(key.kind),
            let refusal = MadeByControllers.refusal(options.caller, key, old: old.tree, new: tree)
        {
            throw RequestProblem(response: refusal)
        }
        if admitted.changed, !options.isDry {
            let receipt = try await store.commit(Batch([.update(key, admitted.tree, expecting: old.version)]))
            tree = receipt.objects.first??.tree ?? tree
        }
        var warnings = admitted.warnings + (try await unconfinedWarnings(key.kind, tree))
        if route.part == .whole { warnings += try await advisoryWarnings(key.kind, tree) }
        return present(route.part == .scale ? Scale.tree(of: tree, key.kind) : tree, view, warnings: warnings)
    }

    private func subresource(_ route: Route) -> Subresource {
        switch route.part {
        case .status: .status
        case .scale: .scale
        case .finalize: .finalize
        case .whole, .log: .none
        }
    }

    private func requireNamespace(_ route: Route, _ object: String) async throws {
        guard route.kind.namespaced, let name = route.namespace else { return }
        guard let namespace = try await store.get(ObjectKey(.namespace, "", name)) else {
            throw AdmissionError.notFound(.namespace, name)
        }
        guard namespace.tree["metadata"]?["deletionTimestamp"] != nil else { return }
        let resource = route.kind.group.isEmpty ? route.kind.plural : "\(route.kind.plural).\(route.kind.group)"
        var details: Tree = [
            "name": .string(object), "kind": .string(route.kind.plural),
            "causes": [
                [
                    "reason": "NamespaceTerminating", "message": .string("namespace \(name) is being terminated"),
                    "field": "metadata.namespace",
                ]
            ],
        ]
        if !route.kind.group.isEmpty { details["group"] = .string(route.kind.group) }
        throw RequestProblem(
            response: .failure(
                403, "Forbidden",
                "\(resource) \"\(object)\" is forbidden: unable to create new content in namespace \(name) because it "
                    + "is being terminated", details: details))
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
