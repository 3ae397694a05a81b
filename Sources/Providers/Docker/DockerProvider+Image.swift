import Ports

extension DockerProvider {
    /// Pulls the image where the engine lacks it. A pull that took long ends the create all the same: whether the
    /// worker is still wanted has to be asked again.
    func ensureImage(_ text: String, _ facts: EngineFacts) async throws(EngineFailure) {
        let began = ContinuousClock.now
        _ = try await ImageSupply(engine: engine).ensure(text, architecture: facts.architecture)
        if ContinuousClock.now - began > settings.pullPatience {
            throw EngineFailure(
                ProviderError(.unavailable, "image \(text) has only now been pulled", retryAfter: .zero))
        }
    }
}
