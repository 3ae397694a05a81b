import Apply
import Documents
import Model
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

    package init(
        store: any ResourceStore, blobs: any BlobStore, clock: any Clock, random: any RandomSource, version: String
    ) {
        self.store = store
        self.blobs = blobs
        self.clock = clock
        self.random = random
        self.version = version
    }

    package func handle(_ request: APIRequest) async -> APIResponse {
        switch request.path {
        case "/version":
            return .ok([
                "major": "1", "minor": "36", "gitVersion": .string("v1.36.0-reconcile-\(version)"), "platform": "linux",
            ])
        case "/healthz", "/livez", "/readyz": return .text(status: 200, "ok")
        default: break
        }
        guard let route = Route(path: request.path) else {
            return .failure(404, "NotFound", "the server could not find the requested resource")
        }
        do {
            return try await answer(request, route)
        } catch let error as AdmissionError {
            return .value(status: error.code, error.status, warnings: [])
        } catch let error as DocumentError {
            return .failure(400, "BadRequest", "the body can't be read: \(error)")
        } catch let error as StoreError {
            return failure(error, route)
        } catch {
            return .failure(500, "InternalError", "\(error)")
        }
    }

    private func answer(_ request: APIRequest, _ route: Route) async throws -> APIResponse {
        if route.part == .log { return try await log(request, route) }
        switch (request.method, route.key) {
        case (.get, let key?): return try await get(key, route)
        case (.get, nil) where request.query["watch"] == "true" || request.query["watch"] == "1":
            return try watch(request, route)
        case (.get, nil): return try await list(request, route)
        case (.post, nil): return try await create(request, route)
        case (.put, let key?): return try await replace(key, request, route)
        case (.patch, let key?): return try await patch(key, request, route)
        case (.delete, let key?): return try await delete(key, request, route)
        default:
            return .failure(405, "MethodNotAllowed", "the server does not allow this method on the requested resource")
        }
    }

    private func failure(_ error: StoreError, _ route: Route) -> APIResponse {
        switch error.code {
        case .notFound(let key): return notFound(key)
        case .alreadyExists(let key):
            return .failure(409, "AlreadyExists", "\(key.kind.plural).\(key.kind.group) \"\(key.name)\" already exists")
        case .conflict(let key, _):
            let message =
                "Operation cannot be fulfilled on \(key.kind.plural).\(key.kind.group) \"\(key.name)\": the object has been "
                + "modified; please apply your changes to the latest version and try again"
            return .failure(409, "Conflict", message)
        case .expired: return .failure(410, "Expired", error.message)
        case .tooLarge: return .failure(413, "RequestEntityTooLarge", error.message)
        case .staleEpoch, .unavailable, .closed: return .failure(503, "ServiceUnavailable", error.message)
        }
    }

    func notFound(_ key: ObjectKey) -> APIResponse {
        let group = key.kind.group.isEmpty ? "" : ".\(key.kind.group)"
        return .failure(404, "NotFound", "\(key.kind.plural)\(group) \"\(key.name)\" not found")
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
