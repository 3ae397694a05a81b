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

    @Test func meansWhatThePlainModelMeans() async throws {
        try await StoreConformance.random(MemoryStoreTests.factory, operations: 20_000, seed: 99)
    }
}
