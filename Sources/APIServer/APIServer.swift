package import Apply
import Documents
package import Model
package import Ports
import Tree

/// The Kubernetes-compatible API over any store: request value in, response value or stream out. No sockets, no
/// clock of its own.
package struct APIServer: Sendable {
    let store: any ResourceStore
    let blobs: any BlobStore
    let clock: any Clock
    let random: any RandomSource
    let version: String
    /// Signs tokens of service accounts; nil: none are issued.
    let tokenKey: (any TokenKey)?
    /// What else whoever applies an object is told.
    let advice: Advice
    private let admissions: [Kind: Admission]

    /// `admissions` stand in for the ones that the kinds themselves make.
    package init(
        store: any ResourceStore, blobs: any BlobStore, clock: any Clock, random: any RandomSource, version: String,
        tokenKey: (any TokenKey)? = nil, advice: @escaping Advice = { _, _, _ in [] },
        admissions: [Kind: Admission] = [:]
    ) {
        self.store = store
        self.blobs = blobs
        self.clock = clock
        self.random = random
        self.version = version
        self.tokenKey = tokenKey
        self.advice = advice
        self.admissions = admissions
    }

    func admission(_ kind: Kind) -> Admission { admissions[kind] ?? Admission(kind) }

    func admission(_ route: Route) -> Admission {
        route.isNewEvent ? EventGroup.admission : admission(route.kind)
    }

    package func handle(_ request: APIRequest) async -> APIResponse {
        var request = request
        // `/version/` is `/version`, as clients of Kubernetes write it.
        while request.path.count > 1, request.path.last == "/" { request.path.removeLast() }
        if let rewritten = FormerWatch.rewritten(request) { request = rewritten }
        if let answer = await gate(EventGroup.head(request) ?? request) { return answer }
        switch request.path {
        case "/version":
            return .ok([
                "major": "1", "minor": "36", "gitVersion": .string("v1.36.0-reconcile-\(version)"), "platform": "linux",
                // What the clients of Kubernetes insist on, though none of it says anything here.
                "gitCommit": "", "gitTreeState": "clean", "buildDate": "1970-01-01T00:00:00Z", "goVersion": "none",
                "compiler": "swift",
            ])
        case "/healthz", "/livez", "/readyz": return .text(status: 200, "ok")
        default: break
        }
        if request.method == .get, let found = OpenAPI.version2(request.path, accept: request.accept) { return found }
        let form = AnswerForm.first(of: request.accept, isList: true) ?? AnswerForm.first(of: request.accept)
        guard let form else { return Self.notAcceptable }
        if request.path == "/", request.method == .get { return Discovery.paths }
        if request.method == .get, let found = OpenAPI.answer(request.path) ?? Discovery.answer(request.path, form) {
            return found
        }
        if let found = definitions(request, form) { return found }
        do throws(Route.Miss) {
            let route = try Route(path: request.path)
            let isWatch = Parameters(request.query).flag("watch") ?? false
            guard
                let form = AnswerForm.first(
                    of: request.accept, isList: route.name == nil && request.method != .post && !isWatch,
                    isResource: true, isCore: !route.kind.isOwn)
            else { return Self.notAcceptable }
            guard route.isNewEvent else { return Self.formed(await answer(request, route, form), form) }
            let answer = await answer(EventGroup.selecting(request), route, form)
            return Self.formed(EventGroup.translated(answer), form)
        } catch {
            return missing(error)
        }
    }

    /// A refusal in the form asked for.
    private static func formed(_ answer: APIResponse, _ form: AnswerForm) -> APIResponse {
        guard form == .yaml, case .value(let status, let tree, _) = answer, status >= 400 else { return answer }
        return yaml(tree, status)
    }

    /// The answer where a path leads to nothing, as a real API server has it in each place.
    private func missing(_ miss: Route.Miss) -> APIResponse {
        switch miss {
        case .page: return .pageNotFound
        case .resource: return .resourceNotFound
        case .part(let key): return notFound(key)
        }
    }

    private func answer(_ request: APIRequest, _ route: Route, _ form: AnswerForm) async -> APIResponse {
        do {
            return try await dispatch(request, route, form)
        } catch let problem as RequestProblem {
            return problem.response
        } catch let error as AdmissionError {
            return refused(error)
        } catch let error as DocumentError {
            return .failure(400, "BadRequest", "the body can't be read: \(error)")
        } catch let error as StoreError {
            return failure(error, route)
        } catch {
            return .failure(500, "InternalError", "\(error)")
        }
    }

    private func dispatch(_ request: APIRequest, _ route: Route, _ form: AnswerForm) async throws -> APIResponse {
        try Self.checkTimeout(request)
        if case .table = form { try Self.checkInclusion(request) }
        let view = View(form: form, table: TableView(route.kind, inclusion(request), now: clock.now.wall))
        guard route.methods.contains(request.method) else { return try await notAllowed(request, route, view) }
        if route.part == .log { return try await log(request, route) }
        switch (request.method, route.key) {
        case (.get, let key?): return try await get(key, request, route, view)
        case (.get, nil):
            let isWatch = Parameters(request.query).flag("watch") ?? false
            return try await isWatch ? watch(request, route, view) : list(request, route, view)
        case (.post, _): return try await create(request, route, view)
        case (.put, let key?): return try await replace(key, request, route, view)
        case (.patch, let key?): return try await patch(key, request, route, view)
        case (.delete, let key?): return try await delete(key, request, route, view)
        case (.delete, nil): return try await deleteCollection(request, route, view)
        case (.put, nil), (.patch, nil): return Self.methodNotAllowed
        }
    }

    private func notAllowed(_ request: APIRequest, _ route: Route, _ view: View) async throws -> APIResponse {
        guard route.kind.isOwn else { return Self.methodNotAllowed }
        if route.name == nil, route.kind.namespaced, route.namespace == nil { return .pageNotFound }
        if request.method == .post, route.name != nil, route.part == .whole {
            // The name of what is made is in its body: a real API server heeds no other.
            return try await create(request, route, view)
        }
        if request.method != .post, route.name == nil {
            if request.method == .patch { _ = try patchForm(request, route) }
            return .failure(400, "BadRequest", "name must be provided")
        }
        guard route.part != .whole else { return Self.methodNotAllowed }
        let verb = ["POST": "create", "DELETE": "delete", "PUT": "update"][request.method.rawValue] ?? "patch"
        return .failure(
            405, "MethodNotAllowed",
            "\(verb) is not supported on resources of kind \"\(route.kind.plural).\(route.kind.group)\"",
            details: ["group": .string(route.kind.group), "kind": .string(route.kind.plural)])
    }

    static let methodNotAllowed = APIResponse.failure(
        405, "MethodNotAllowed", "the server does not allow this method on the requested resource",
        details: .emptyObject)

    func failure(_ error: StoreError, _ route: Route, _ name: String? = nil) -> APIResponse {
        switch error.code {
        case .notFound(let key): return notFound(key)
        case .alreadyExists(let key): return refused(.alreadyExists(key.kind, key.name))
        case .conflict(let key, _): return refused(.modified(key.kind, key.name))
        case .expired: return .failure(410, "Expired", error.message)
        case .tooLarge: return .failure(413, "RequestEntityTooLarge", error.message)
        case .full(let namespace?) where !namespace.isEmpty:
            // As a ResourceQuota refuses it, so that clients know it for what it is.
            let named = name ?? route.name ?? ""
            let resource = route.kind.group.isEmpty ? route.kind.plural : "\(route.kind.plural).\(route.kind.group)"
            return .failure(
                403, "Forbidden", "\(resource) \"\(named)\" is forbidden: \(error.message)",
                details: ["name": .string(named), "kind": .string(route.kind.plural)])
        case .full: return .failure(507, "InsufficientStorage", error.message)
        case .staleEpoch, .unavailable, .closed: return .failure(503, "ServiceUnavailable", error.message)
        }
    }

    func notFound(_ key: ObjectKey) -> APIResponse {
        refused(.notFound(key.kind, key.name))
    }

    private func refused(_ error: AdmissionError) -> APIResponse {
        .value(status: error.code, error.status, warnings: [])
    }

    /// A version 4 UUID (RFC 9562).
    func newUID() -> String {
        func digits(_ value: UInt64) -> String {
            let text = String(value, radix: 16)
            return String(repeating: "0", count: 16 - text.utf8.count) + text
        }
        let high = digits(random.next() & 0xFFFF_FFFF_FFFF_0FFF | 0x4000)
        let low = digits(random.next() & 0x3FFF_FFFF_FFFF_FFFF | 0x8000_0000_0000_0000)
        func part(_ text: String, _ from: Int, _ count: Int) -> Substring { text.dropFirst(from).prefix(count) }
        return "\(part(high, 0, 8))-\(part(high, 8, 4))-\(part(high, 12, 4))-\(part(low, 0, 4))-\(part(low, 4, 12))"
    }
}
