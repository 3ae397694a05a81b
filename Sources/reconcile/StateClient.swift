import APIServer
import Client
import HTTP
import Host
import Kernel
import Model
import SQLiteStorage
import Storage
import Synchronization

/// The API of a state on this machine: its controller's where one runs, else the state itself, opened by this process.
///
/// A state that this process holds is let go before anything is waited for: somebody may want to start a controller,
/// and only that one will make what is waited for. Streams are answered by a controller alone.
final class StateClient: APIClient {
    private let path: String
    private let remote: RemoteClient
    private let clock = SystemClock()
    private let held = Mutex(Held())

    private struct Held {
        var state: OpenState?
        var users = 0
        var isLeaving = false
    }

    /// A state that another process opened for a moment, or a controller that is only starting, is waited for so long.
    private static let patience = Duration.seconds(10)
    private static let pause = Duration.milliseconds(50)

    init(_ path: String) {
        self.path = path
        remote = RemoteClient(socket: StatePath.socket(in: path), http: HTTPClient())
    }

    func send(_ request: APIRequest) async throws(ClientError) -> APIAnswer {
        let end = clock.now.instant + Self.patience
        while true {
            if let state = take() {
                do throws(ClientError) {
                    let answer = try await DirectClient(state.api).send(request)
                    await give()
                    return answer
                } catch {
                    await give()
                    throw error
                }
            }
            do throws(ClientError) { return try await remote.send(request) } catch {
                guard error.isNoController else { throw error }
                // Asking for a controller is no reason to become one.
                if request.path == "/readyz" { throw error }
            }
            if try await open() { continue }
            guard clock.now.instant < end, !Task.isCancelled else { throw busy }
            await clock.sleep(until: clock.now.instant + Self.pause)
        }
    }

    func stream(_ request: APIRequest) async throws(ClientError) -> APIByteStream {
        // A log that is not followed is read from where it is.
        if request.query["follow"] == nil, request.query["watch"] == nil, let state = take() {
            do throws(ClientError) {
                let stream = try await DirectClient(state.api).stream(request)
                return APIByteStream(
                    pull: { () async throws(ClientError) in try await stream.next() },
                    close: {
                        stream.close()
                        self.drop()
                    })
            } catch {
                await give()
                throw error
            }
        }
        await leave()
        return try await remote.stream(request)
    }

    // MARK: The state in this process

    private func take() -> OpenState? {
        held.withLock { held in
            guard !held.isLeaving, let state = held.state else { return nil }
            held.users += 1
            return state
        }
    }

    private func give() async {
        if let last = released(byUser: true) { await last.store.close() }
    }

    /// As `give`, where nothing can be awaited: the state stays open until the next request lets it go.
    private func drop() { held.withLock { $0.users -= 1 } }

    private func leave() async {
        held.withLock { $0.isLeaving = true }
        if let last = released(byUser: false) { await last.store.close() }
    }

    /// The state where nobody uses it any more and it was to be let go.
    private func released(byUser: Bool) -> OpenState? {
        held.withLock { held in
            if byUser { held.users -= 1 }
            guard held.isLeaving, held.users == 0 else { return nil }
            defer { held = Held() }
            return held.state
        }
    }

    /// False where another process has it just now.
    private func open() async throws(ClientError) -> Bool {
        // Another task of this process may have been first; it holds the lock then, and the next look finds the state.
        if held.withLock({ $0.state != nil }) { return false }
        do {
            let state = try await OpenState.open(path, clusterID: nil)
            held.withLock { $0.state = state }
            return true
        } catch let error as StoreOpenError {
            if case .locked = error.code { return false }
            throw ClientError(status: 0, reason: "StateUnusable", message: "\(error)")
        } catch {
            throw ClientError(status: 0, reason: "StateUnusable", message: "\(error)")
        }
    }

    private var busy: ClientError {
        let process = ControllerRecord.holder(of: path).map { "process \($0)" } ?? "another process"
        return ClientError(
            status: 0, reason: "StateBusy",
            message:
                "\(path) is in use by \(process), which does not answer at \(StatePath.socket(in: path)); wait for it, "
                + "stop it, or name another state with --state")
    }
}

extension ClientError {
    /// Nobody listens at the socket: there is no controller, or not yet.
    var isNoController: Bool { status == 0 && reason == "NoController" }
}
