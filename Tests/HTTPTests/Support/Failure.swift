import Testing

@testable import HTTP

/// The HTTP error of an operation that has to fail; anything else is an issue and nil.
func failure<Value>(
    sourceLocation: SourceLocation = #_sourceLocation, of operation: () async throws -> Value
) async -> HTTPError? {
    do {
        let value = try await operation()
        Issue.record("no error but \(value)", sourceLocation: sourceLocation)
    } catch let error as HTTPError {
        return error
    } catch {
        Issue.record("not an HTTP error: \(error)", sourceLocation: sourceLocation)
    }
    return nil
}
