import Synchronization

/// What this process asked of others by HTTP, for its metrics.
package enum HTTPTraffic {
    package struct Kind: Sendable, Hashable, Comparable {
        package let method: String
        /// The status of the answer; nil: there was none.
        package let status: Int?

        package static func < (a: Kind, b: Kind) -> Bool { (a.method, a.status ?? 0) < (b.method, b.status ?? 0) }
    }

    private static let counts = Mutex<[Kind: Int]>([:])
    /// A server may answer with any three digits: what would be one kind more than this is counted as no answer.
    private static let most = 256

    package static var counted: [(kind: Kind, count: Int)] {
        counts.withLock { counts in counts.keys.sorted().map { ($0, counts[$0] ?? 0) } }
    }

    static func count(_ method: HTTPMethod, _ status: Int?) {
        counts.withLock { counts in
            var kind = Kind(method: method.rawValue, status: status)
            if counts[kind] == nil, counts.count >= most { kind = Kind(method: method.rawValue, status: nil) }
            counts[kind, default: 0] += 1
        }
    }
}
