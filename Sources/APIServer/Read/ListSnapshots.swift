import Model
import Ports
import Synchronization

/// The states of lists that clients are still reading in parts, so that every part shows the same moment. At most
/// `capacity` of them: one that was pushed out is answered with 410, and its client begins again.
final class ListSnapshots: Sendable {
    struct Key: Sendable, Hashable {
        let kind: Kind
        let namespace: String?
        let version: UInt64
    }

    private static let capacity = 16
    private let kept = Mutex<[(key: Key, list: ListResult)]>([])

    subscript(_ key: Key) -> ListResult? { kept.withLock { kept in kept.first { $0.key == key }?.list } }

    func keep(_ list: ListResult, _ key: Key) {
        kept.withLock { kept in
            guard !kept.contains(where: { $0.key == key }) else { return }
            if kept.count == Self.capacity { kept.removeFirst() }
            kept.append((key, list))
        }
    }
}
