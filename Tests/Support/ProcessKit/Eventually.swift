/// A condition that did not come true in time.
package struct NeverCameTrue: Error, CustomStringConvertible {
    package let description: String
}

/// Returns as soon as the condition holds; throws when it has not within the limit.
package func eventually(
    _ what: String, within limit: Duration = .seconds(10), _ condition: () async throws -> Bool
) async throws {
    let end = ContinuousClock.now + limit
    while try await !condition() {
        guard ContinuousClock.now < end else { throw NeverCameTrue(description: "not within \(limit): \(what)") }
        try await Task.sleep(for: .milliseconds(5))
    }
}

/// Checks again and again for that long that the condition holds: for what must not happen.
package func steadily(
    _ what: String, for span: Duration, _ condition: () async throws -> Bool
) async throws {
    let end = ContinuousClock.now + span
    repeat {
        guard try await condition() else { throw NeverCameTrue(description: "did not stay so: \(what)") }
        try await Task.sleep(for: .milliseconds(20))
    } while ContinuousClock.now < end
}
