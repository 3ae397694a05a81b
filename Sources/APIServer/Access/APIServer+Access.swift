import Apply
import Model
import Ports
import Tree

extension APIServer {
    /// The answer to a request whose caller may not make it, which its head alone decides; nil lets it through.
    package func refusal(of request: APIRequest) async -> APIResponse? {
        if AccessPolicy.isOpen(request) { return nil }
        guard !request.caller.isAnonymous else { return .failure(401, "Unauthorized", "Unauthorized") }
        let current = FormerWatch.rewritten(request) ?? request
        let wanted = AccessAttributes(EventGroup.head(current) ?? current)
        do throws(StoreError) {
            let ownership = try await ownership(request.caller, wanted)
            return AccessPolicy.admits(request.caller, wanted, ownership: ownership)
                ? nil : AccessPolicy.refusal(request.caller, wanted)
        } catch { return .failure(503, "ServiceUnavailable", error.message) }
    }

    /// The answer to a request that is refused, or that access itself answers; nil lets it through.
    func gate(_ request: APIRequest) async -> APIResponse? {
        if AccessPolicy.isOpen(request) { return nil }
        guard !request.caller.isAnonymous else { return .failure(401, "Unauthorized", "Unauthorized") }
        let wanted = AccessAttributes(request)
        do {
            let ownership = try await ownership(request.caller, wanted)
            guard AccessPolicy.admits(request.caller, wanted, ownership: ownership) else {
                return AccessPolicy.refusal(request.caller, wanted)
            }
            guard request.method == .post else {
                return Self.onlyCreated.contains(wanted.fullResource) ? Self.methodNotAllowed : nil
            }
            switch (wanted.group, wanted.fullResource) {
            case ("authorization.k8s.io", "selfsubjectaccessreviews"):
                return try await review(request, .access) { spec, _ in
                    try await self.accessReview(spec, request.caller)
                }
            case ("authorization.k8s.io", "selfsubjectrulesreviews"):
                return try await review(request, .rules) { spec, _ in self.rulesReview(spec, request.caller) }
            case ("authentication.k8s.io", "selfsubjectreviews"):
                return try await review(request, .identity) { _, _ in Self.identity(request.caller) }
            case ("", "serviceaccounts/token"):
                return try await reviewed(request, .token) { try await self.answerTokenRequest($0, wanted, $1) }
            default: return nil
            }
        } catch let error as StoreError {
            return .failure(503, "ServiceUnavailable", error.message)
        } catch let error as RequestProblem {
            return error.response
        } catch let error as AdmissionError {
            return .value(status: error.code, error.status, warnings: [])
        } catch {
            return .failure(400, "BadRequest", "the body can't be read: \(error)")
        }
    }

    /// Questions, which can be asked and nothing else.
    private static let onlyCreated: Set<String> = [
        "selfsubjectaccessreviews", "selfsubjectrulesreviews", "selfsubjectreviews", "serviceaccounts/token",
    ]

    private func ownership(
        _ caller: Caller, _ wanted: AccessAttributes
    ) async throws(StoreError) -> AccessPolicy.Ownership {
        guard let worker = caller.worker, let key = wanted.key else { return .none }
        guard let object = try await store.get(key) else { return .none }
        guard key.namespace == worker.namespace else { return .other }
        switch key.kind {
        case .worker: return key.name == worker.name && object.uid == caller.uid ? .own : .other
        case .task:
            let uid = object.tree["status"]?["assignment"]?["workerUID"]?.string
            return uid == caller.uid ? .own : .other
        default: return .other
        }
    }

    // MARK: Reviews

    private func review(
        _ request: APIRequest, _ kind: ReviewKind, _ status: (Tree, WriteContext) async throws -> Tree
    ) async throws -> APIResponse {
        try await reviewed(request, kind) { asked, context in
            var tree = asked
            if kind == .access { kind.record(&tree, context) }
            if kind == .identity {
                tree["spec"] = nil
                tree["metadata"]?["creationTimestamp"] = .string(context.now.wholeSeconds.description)
            }
            tree["status"] = try await status(tree["spec"] ?? .emptyObject, context)
            return tree
        }
    }

    /// A question with its answer, which is kept nowhere.
    private func reviewed(
        _ request: APIRequest, _ kind: ReviewKind, _ answer: (Tree, WriteContext) async throws -> Tree
    ) async throws -> APIResponse {
        var tree = try kind.read(request.body.isEmpty ? .emptyObject : try body(request))
        let options = try WriteOptions(request, .create)
        tree["metadata"] = tree["metadata"] ?? .emptyObject
        let answered = try await answer(tree, options.context(clock.now.wall, agent: request.agent))
        return .value(status: 201, answered, warnings: [])
    }

    private func accessReview(_ spec: Tree, _ caller: Caller) async throws(StoreError) -> Tree {
        let wanted: AccessAttributes
        if let path = spec["nonResourceAttributes"]?["path"]?.string {
            let verb = spec["nonResourceAttributes"]?["verb"]?.string ?? "get"
            var attributes = AccessAttributes(verb: verb, group: "", resource: "")
            attributes.path = path
            wanted = attributes
        } else {
            let asked = spec["resourceAttributes"]
            func word(_ name: String) -> String? { asked?[name]?.string.flatMap { $0.isEmpty ? nil : $0 } }
            wanted = AccessAttributes(
                verb: word("verb") ?? "*", group: word("group") ?? "", resource: word("resource") ?? "*",
                subresource: word("subresource") ?? "", namespace: word("namespace"), name: word("name"))
        }
        let admitted = AccessPolicy.admits(caller, wanted, ownership: try await ownership(caller, wanted))
        return ["allowed": .bool(admitted)]
    }

    private func rulesReview(_ spec: Tree, _ caller: Caller) -> Tree {
        let namespace = spec["namespace"]?.string ?? "default"
        var rules: [Role.Rule] = []
        if caller.isMaster { rules = Role.admin.rules }
        for grant in caller.grants where grant.namespace == nil || grant.namespace == namespace {
            rules += grant.role.rules
        }
        func words(_ list: [String]) -> Tree { .array(list.map { .string($0) }) }
        let paths = caller.isMaster ? ["*"] : AccessPolicy.open.sorted() + ["/api", "/api/*", "/apis", "/apis/*"]
        return [
            "resourceRules": .array(
                rules.map {
                    [
                        "verbs": words($0.verbs), "apiGroups": words($0.groups), "resources": words($0.resources),
                    ]
                }),
            "nonResourceRules": [["verbs": words([caller.isMaster ? "*" : "get"]), "nonResourceURLs": words(paths)]],
            "incomplete": .bool(false),
        ]
    }

    private static func identity(_ caller: Caller) -> Tree {
        var user: Tree = [
            "username": .string(caller.user), "groups": .array(caller.groups.map { .string($0) }),
        ]
        if !caller.uid.isEmpty { user["uid"] = .string(caller.uid) }
        return ["userInfo": user]
    }
}
