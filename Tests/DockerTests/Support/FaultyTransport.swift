import HTTP
import Synchronization

/// What lies between a controller and its engine, and fails by a script: one call of all goes wrong.
final class FaultyTransport: HTTPTransport {
    enum Fault: String, Sendable, CaseIterable {
        /// The engine never sees it; the caller can't know.
        case dropBefore
        /// The engine acts; its answer is lost.
        case dropAfter
        /// The answer ends in the middle.
        case cut
        /// The caller gives up; the engine sees the call only later, when others have already acted.
        case late
    }

    private let inner: HTTPClient
    private let fault: Fault
    private let index: Int
    private let state = Mutex((calls: 0, late: [Task<Void, Never>]()))

    /// `index`: which call, from 0; -1 none.
    init(_ inner: HTTPClient, _ fault: Fault, at index: Int) {
        self.inner = inner
        self.fault = fault
        self.index = index
    }

    var calls: Int { state.withLock { $0.calls } }

    /// Until the late calls have arrived.
    func settle() async {
        for task in state.withLock({ $0.late }) { await task.value }
    }

    private static let lost = HTTPError(.connectionLost, "cut off", mayHaveBeenApplied: true)

    func send(_ request: HTTPRequest) async throws(HTTPError) -> HTTPResponse {
        let number = state.withLock { state in
            defer { state.calls += 1 }
            return state.calls
        }
        guard number == index else { return try await inner.send(request) }
        switch fault {
        case .dropBefore: throw Self.lost
        case .dropAfter:
            _ = try await inner.send(request)
            throw Self.lost
        case .cut:
            var response = try await inner.send(request)
            response.body.removeLast(response.body.count / 2)
            if response.body.isEmpty { throw Self.lost }
            return response
        case .late:
            let task = Task { [inner] in
                try? await Task.sleep(for: .milliseconds(400))
                _ = try? await inner.send(request)
            }
            state.withLock { $0.late.append(task) }
            throw Self.lost
        }
    }

    func stream(_ request: HTTPRequest) async throws(HTTPError) -> HTTPStreamResponse {
        try await inner.stream(request)
    }
}
