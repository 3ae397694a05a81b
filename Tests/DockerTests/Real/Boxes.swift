import Documents
import Docker
import Glibc
import HTTP
import Host
import Kernel
import Model
import Ports
import ProcessKit
import Testing
import Tree

@testable import Docker

/// Attempts in containers of the real engine, under a cluster id of their own.
final class Boxes: RunnerHolder {
    let cluster = "box-\(UInt64.random(in: 0 ... .max))"
    let scratch: Scratch
    let engine: Engine
    let containers: TaskContainers
    let runner: AttemptRunner

    init(held: [Descriptor] = []) throws {
        scratch = try Scratch()
        engine = try Engine()
        containers = TaskContainers(engine: engine.client)
        var settings = AttemptRunner.Settings(
            directory: scratch.path + "/attempts", guardCommand: [Processes.fixture, "guard"],
            environment: ["ONLY": "processes"], held: held)
        settings.containers = .init(engine: containers, clusterID: cluster, workerUID: "w")
        runner = try AttemptRunner(settings, watcher: try Watcher())
    }

    func order(
        _ script: String, image: String = Engine.busybox, killGrace: Duration = .seconds(5)
    ) -> AttemptOrder {
        order(["sh", "-c", script], image: image, killGrace: killGrace)
    }

    func order(
        _ command: [String], image: String = Engine.busybox, killGrace: Duration = .seconds(5)
    ) -> AttemptOrder {
        var order = AttemptOrder(
            name: AttemptName(taskUID: cluster, attempt: 1), label: "test/box#1", command: command,
            killGrace: killGrace)
        order.image = image
        return order
    }

    /// Waits for a word in the log.
    func says(_ word: String, _ name: AttemptName) async throws {
        try await eventually("the task says \(word)", within: .seconds(60)) { try log(name).contains(word) }
    }

    /// Those of this cluster, ended ones too.
    func standing() async throws -> [Tree] { try await engine.containers(label: "\(TaskLabels.cluster)=\(cluster)") }

    func isClean() async throws -> Bool { try await standing().isEmpty }

    /// An image with busybox alone, as a static program, and what is said of it.
    func importStatic(_ name: String, _ changes: String...) async throws {
        let program = ["/bin/busybox", "/usr/bin/busybox"].first(where: Files.exists) ?? "busybox"
        var archive = Archive(owner: .init(user: 0, group: 0))
        archive.add(file: "busybox", mode: 0o755, try #require(try Files.read(program, limit: 16 << 20)))
        var call = EngineCall(method: .post, path: "/images/create", what: "import \(name)")
        call.query = [.init(name: "fromSrc", value: "-"), .init(name: "repo", value: name)]
        call.query += changes.map { .init(name: "changes", value: $0) }
        call.body = archive.finished()
        call.contentType = "application/x-tar"
        _ = try await engine.client.send(call)
    }
}

/// A test on the engine that leaves nothing there, however it ends.
func boxed(_ body: (Boxes) async throws -> Void) async throws {
    let boxes = try Boxes()
    do { try await body(boxes) } catch {
        for left in (try? await boxes.standing()) ?? [] {
            _ = try? await boxes.engine.client.send(.remove(left["Id"]?.string ?? ""))
        }
        throw error
    }
    try await eventually("no container is left", within: .seconds(20)) { try await boxes.isClean() }
}
