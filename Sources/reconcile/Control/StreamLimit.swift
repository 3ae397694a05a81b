import Synchronization

/// How many streams each client holds. A permit counts as long as anything holds it, however its stream ends.
final class StreamLimit: Sendable {
    static let most = 256
    private let held = Mutex<[String: Int]>([:])

    final class Permit: Sendable {
        private let limit: StreamLimit
        private let client: String

        fileprivate init(_ limit: StreamLimit, _ client: String) {
            self.limit = limit
            self.client = client
        }

        deinit {
            limit.held.withLock { held in
                let left = (held[client] ?? 1) - 1
                held[client] = left > 0 ? left : nil
            }
        }
    }

    /// Nil: this client holds as many as it may.
    func take(_ client: String) -> Permit? {
        let isFree = held.withLock { held in
            guard held[client, default: 0] < Self.most else { return false }
            held[client, default: 0] += 1
            return true
        }
        return isFree ? Permit(self, client) : nil
    }
}
