import Synchronization

/// What a server's threads tell a test, in order; the test awaits each with a limit.
final class Events<Element: Sendable>: Sendable {
    private let stream: AsyncStream<Element>
    private let continuation: AsyncStream<Element>.Continuation

    init() { (stream, continuation) = AsyncStream.makeStream() }

    func report(_ element: Element) { continuation.yield(element) }

    /// The next event; fails after the limit.
    func next(within limit: Duration = .seconds(10)) async throws -> Element {
        try await within(limit) { [stream] in
            for await element in stream { return element }
            throw LimitReached()
        }
    }
}

struct LimitReached: Error {}

/// The result of the operation, or `LimitReached`.
func within<Value: Sendable>(
    _ limit: Duration = .seconds(10), _ operation: @escaping @Sendable () async throws -> Value
) async throws -> Value {
    try await withThrowingTaskGroup(of: Value.self) { group in
        group.addTask { try await operation() }
        group.addTask {
            try await Task.sleep(for: limit)
            throw LimitReached()
        }
        defer { group.cancelAll() }
        guard let first = try await group.next() else { throw LimitReached() }
        return first
    }
}

/// A number that threads add to.
final class Counter: Sendable {
    private let count = Atomic<Int>(0)

    @discardableResult
    func add(_ more: Int = 1) -> Int { count.add(more, ordering: .sequentiallyConsistent).newValue }
    var value: Int { count.load(ordering: .sequentiallyConsistent) }
}
