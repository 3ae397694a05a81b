import ProviderConformance
import Testing

@Suite(.enabled(if: Engine.isThere, Engine.hint), .timeLimit(.minutes(3)))
struct DockerConformanceTests {
    @Test(arguments: ProviderConformance.cases)
    func conforms(_ law: ProviderConformance) async throws {
        try await inWorld(try DockerWorld()) { try await law.check($0) }
    }
}
