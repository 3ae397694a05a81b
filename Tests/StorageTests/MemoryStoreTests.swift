import Glibc
import Storage
import StoreConformance
import Testing

@Suite struct MemoryStoreTests {
    static let factory = StoreFactory(historyEvents: 400) {
        var limits = StoreLimits()
        limits.historyEvents = 400
        return MemoryStore(StoreCore(limits: limits))
    }

    @Test(arguments: StoreConformance.laws)
    func holds(_ law: StoreLaw) async throws { try await law.check(MemoryStoreTests.factory) }

    /// A million are `RECONCILE_OPERATIONS=1000000`; so many as are quick unless it says otherwise.
    private static let operations = getenv("RECONCILE_OPERATIONS").flatMap { Int(String(cString: $0)) } ?? 100_000

    @Test func meansWhatThePlainModelMeans() async throws {
        try await StoreConformance.random(MemoryStoreTests.factory, operations: Self.operations, seed: 99)
    }
}
