import Glibc
import Kernel
import ProcessKit
import Testing

/// What can befall an engine, or a container of ours on it, while work runs.
enum Nemesis: String, Sendable, CaseIterable {
    case killEngine, restartEngine, hangEngine, fillEngine
    case killWorker, stopWorker, removeWorker, renameWorker, pauseWorker, disconnectWorker, limitWorker
    case prune, killController

    /// Takes the whole engine away.
    var isOfEngine: Bool { [.killEngine, .restartEngine, .hangEngine, .fillEngine].contains(self) }

    /// Does it, and undoes after a while what an administrator would. The answer says what was done.
    func strike(_ engine: TestEngine, _ dice: inout Dice) async throws -> String {
        let span = Duration.milliseconds(1000 + dice.next(upTo: 5000))
        switch self {
        case .killEngine:
            try await engine.killAndRestart()
            return "dockerd killed, started again"
        case .restartEngine:
            try await engine.killAndRestart(by: SIGTERM)
            return "dockerd ended, started again"
        case .hangEngine:
            try await engine.hang(for: span * 3)
            return "dockerd hung for \(span * 3)"
        case .fillEngine:
            try await engine.fill(for: span)
            return "its disk was full for \(span)"
        case .prune:
            try await engine.docker("system", "prune", "--force", "--volumes")
            return "all that is unused was pruned"
        case .killController: return "the controller was killed"
        case .killWorker, .stopWorker, .removeWorker, .renameWorker, .pauseWorker, .disconnectWorker, .limitWorker:
            let workers = try await engine.containers("status=running")
            guard !workers.isEmpty else { return "nothing: no worker runs" }
            return try await treat(
                workers[dice.next(upTo: workers.count)], engine, span, comesBack: dice.next(upTo: 2) == 0)
        }
    }

    private func treat(_ id: String, _ engine: TestEngine, _ span: Duration, comesBack: Bool) async throws -> String {
        let name = id.prefix(12)
        switch self {
        case .killWorker: try await engine.docker("kill", id)
        case .stopWorker: try await engine.docker("stop", id)
        case .removeWorker: try await engine.docker("rm", "--force", id)
        case .renameWorker: try await engine.docker("rename", id, "renamed-\(name)")
        case .limitWorker: try await engine.docker("update", "--pids-limit", "8", id)
        case .pauseWorker:
            try await engine.docker("pause", id)
            if comesBack {
                try await Task.sleep(for: span)
                // It may be gone by now.
                _ = try? await engine.docker("unpause", id)
            }
        case .disconnectWorker:
            try await engine.docker("network", "disconnect", "--force", "bridge", id)
            if comesBack {
                try await Task.sleep(for: span)
                _ = try? await engine.docker("network", "connect", "bridge", id)
            }
        default: break
        }
        let isPassing = self == .pauseWorker || self == .disconnectWorker
        return "\(rawValue) \(name)\(isPassing ? comesBack ? " for \(span)" : " for good" : "")"
    }
}

extension TestEngine {
    /// Nothing more can be written beneath the engine's data for that long.
    func fill(for span: Duration) async throws {
        let directory = try #require(Self.directory, "the engine is not the tests' own")
        let filler = "\(directory)/data/filler"
        try await run(["/bin/sh", "-c", "dd if=/dev/zero of=\(filler) bs=1M 2>/dev/null; true"])
        defer { _ = unlink(filler) }
        try await Task.sleep(for: span)
    }

    /// Whether its data has a file system of its own, which can be filled without harm to anybody.
    static var canBeFilled: Bool {
        var (data, above) = (stat(), stat())
        guard let directory, stat("\(directory)/data", &data) == 0, stat(directory, &above) == 0 else { return false }
        return data.st_dev != above.st_dev
    }
}
