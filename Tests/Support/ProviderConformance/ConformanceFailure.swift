/// A provider broke its contract: which law, and what was seen.
package struct ConformanceFailure: Error, CustomStringConvertible {
    package let description: String
    init(_ description: String) { self.description = description }
}

func require(_ condition: Bool, _ law: String) throws {
    guard condition else { throw ConformanceFailure(law) }
}

func require<Value: Equatable>(_ seen: Value, is wanted: Value, _ law: String) throws {
    guard seen == wanted else { throw ConformanceFailure("\(law): saw \(seen), wanted \(wanted)") }
}

/// Waits for a condition, at most so long.
func until(_ law: String, within limit: Duration, _ condition: () async throws -> Bool) async throws {
    let end = ContinuousClock.now + limit
    while try await !condition() {
        guard ContinuousClock.now < end else { throw ConformanceFailure("\(law): not within \(limit)") }
        try await Task.sleep(for: .milliseconds(10))
    }
}

/// Looks again and again, so long, that a condition holds.
func hold(_ law: String, for span: Duration, _ condition: () async throws -> Bool) async throws {
    let end = ContinuousClock.now + span
    repeat {
        guard try await condition() else { throw ConformanceFailure(law) }
        try await Task.sleep(for: .milliseconds(20))
    } while ContinuousClock.now < end
}
