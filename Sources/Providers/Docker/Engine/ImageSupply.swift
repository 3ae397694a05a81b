import Documents
import HTTP
import Ports
import Tree

/// The images of an engine.
struct ImageSupply: Sendable {
    let engine: EngineClient

    /// What the engine says of the image, which is pulled where it is not there.
    func ensure(_ text: String, architecture: String) async throws(EngineFailure) -> Tree {
        if let found = try await find(text, architecture) { return found }
        try await pull(ImageReference(text))
        guard let found = try await find(text, architecture) else {
            throw EngineFailure(
                ProviderError(.unavailable, "image \(text) was pulled, and the engine does not show it"))
        }
        return found
    }

    private func find(_ text: String, _ architecture: String) async throws(EngineFailure) -> Tree? {
        let image: Tree
        do throws(EngineFailure) { image = try await engine.tree(.image(text)) } catch  where error.status == 404 {
            return nil
        }
        let wanted = EngineFacts.goName(architecture)
        if let has = image["Architecture"]?.string, !has.isEmpty, has != wanted {
            throw EngineFailure(
                ProviderError(
                    .invalid, "image \(text) is for \(has), the engine's machine is \(wanted): choose one for \(wanted)"
                ))
        }
        return image
    }

    private func pull(_ image: ImageReference) async throws(EngineFailure) {
        let advice = "load it there (docker load, docker import), or make its registry reachable for the engine"
        var progress = PullProgress()
        do throws(EngineFailure) {
            let lines = try await engine.stream(.pull(image))
            do {
                for try await line in lines { progress.read(line) }
            } catch {
                throw EngineFailure(
                    ProviderError(
                        .unavailable, "the pull of image \(image.text) broke off (\(progress)): \(error.text)"))
            }
        } catch  where error.error.code == .unavailable || error.error.code == .notFound {
            // The engine is there: it is the registry, or the name, that is not.
            guard error.status != nil else { throw error }
            throw EngineFailure(
                ProviderError(
                    .invalid, "image \(image.text) is not on the engine, and \(error.error.message): \(advice)"))
        }
        if let problem = progress.problem {
            let code: ProviderError.Code =
                problem.contains("no space left")
                ? .capacity : problem.contains("toomanyrequests") ? .throttled : .invalid
            throw EngineFailure(
                ProviderError(code, "image \(image.text) can't be pulled (\(progress)): \(problem); \(advice)"))
        }
    }
}

/// What the engine tells of a pull, line by line.
struct PullProgress: Sendable, Hashable, CustomStringConvertible {
    private var layers: [String: Bool] = [:]
    private(set) var problem: String?

    /// Layers that are done, of those heard of; at most so many are counted.
    private static let most = 1000

    mutating func read(_ line: [UInt8]) {
        let tree: Tree
        do { tree = try JSON.parse(line) } catch {
            // It tells nothing of the pull: whether the image came is asked of the engine afterwards.
            return
        }
        if let error = tree["errorDetail"]?["message"]?.string ?? tree["error"]?.string { problem = error }
        guard let layer = tree["id"]?.string, let status = tree["status"]?.string, layers.count < Self.most,
            !status.hasPrefix("Pulling from")
        else { return }
        let isDone = status == "Pull complete" || status == "Already exists"
        layers[layer] = isDone || layers[layer] == true
    }

    var description: String { "\(layers.values.count { $0 }) of \(layers.count) layers" }
}
