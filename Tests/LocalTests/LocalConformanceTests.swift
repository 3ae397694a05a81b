import ProviderConformance
import Testing

@Suite(.timeLimit(.minutes(2)))
struct LocalConformanceTests {
    @Test(arguments: ProviderConformance.cases)
    func conforms(_ law: ProviderConformance) async throws { try await law.check(try LocalWorld()) }
}
