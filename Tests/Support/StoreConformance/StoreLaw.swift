package import Ports

/// How the suite gets the stores it tests: a new, empty one every time.
package struct StoreFactory: Sendable {
    /// Changes that the store keeps for watches, about; small, so that going past it takes little.
    package let historyEvents: Int
    package let make: @Sendable () async throws -> any ResourceStore

    package init(historyEvents: Int, make: @escaping @Sendable () async throws -> any ResourceStore) {
        self.historyEvents = historyEvents
        self.make = make
    }
}

/// One thing that every `ResourceStore` keeps to. Run as a parameterised test over `StoreConformance.laws`.
package struct StoreLaw: Sendable, CustomStringConvertible {
    package let name: String
    package let because: String
    package let check: @Sendable (StoreFactory) async throws -> Void

    init(_ name: String, because: String, _ check: @escaping @Sendable (StoreFactory) async throws -> Void) {
        self.name = name
        self.because = because
        self.check = check
    }

    package var description: String { name }
}

/// The suite that every store passes: the memory store, the embedded one, and those behind a network.
package enum StoreConformance {
    package static let laws: [StoreLaw] =
        commitLaws + deletionLaws + epochLaws + readLaws + watchLaws + historyLaws + concurrencyLaws + randomLaws
}

/// What was promised and did not hold.
package struct LawBroken: Error, CustomStringConvertible {
    package let description: String
}

func require(_ holds: Bool, _ otherwise: @autoclosure () -> String, line: UInt = #line, file: StaticString = #fileID)
    throws
{
    if !holds { throw LawBroken(description: "\(otherwise()) (\(file):\(line))") }
}

func expectEqual<Value: Equatable>(
    _ found: Value, _ expected: Value, _ what: String, line: UInt = #line, file: StaticString = #fileID
) throws {
    if found != expected {
        throw LawBroken(description: "\(what): found \(found), expected \(expected) (\(file):\(line))")
    }
}

/// The code with which a call fails.
func refusal<Value>(of call: () async throws -> Value) async throws -> StoreError.Code {
    do {
        let value = try await call()
        throw LawBroken(description: "expected a refusal, got \(value)")
    } catch let error as StoreError {
        return error.code
    }
}

/// Ends with an error if the work takes longer than `limit`, instead of hanging the run.
func within<Value: Sendable>(
    _ limit: Duration = .seconds(60), _ work: @escaping @Sendable () async throws -> Value
) async throws -> Value {
    try await withThrowingTaskGroup(of: Value.self) { group in
        group.addTask { try await work() }
        group.addTask {
            try await Task.sleep(for: limit)
            throw LawBroken(description: "not done within \(limit)")
        }
        defer { group.cancelAll() }
        guard let first = try await group.next() else { throw LawBroken(description: "no result") }
        return first
    }
}
