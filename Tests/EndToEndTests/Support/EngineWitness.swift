import Documents
import Glibc
import Kernel
import ProcessKit
import Testing
import Tree

/// The outside witness of containers: the engine's own event stream, written down by the engine's own client.
final class EngineWitness: Sendable {
    private let pid: Int32
    private let file: String

    struct Entry: Sendable {
        let action: String
        let id: String
        let time: Int64
        /// Pool and slot; nil for what is no worker.
        let slot: String?
        let workerUID: String?
    }

    /// Everything of that cluster from now on.
    init(_ engine: TestEngine, in directory: String) throws {
        file = "\(directory)/engine.events"
        var now = timespec()
        clock_gettime(CLOCK_REALTIME, &now)
        var spawn = SpawnRequest(
            [
                "/usr/bin/docker", "--host", "unix://\(engine.socket)", "events", "--format", "{{json .}}",
                "--since", "\(now.tv_sec).\(String(1_000_000_000 + now.tv_nsec).dropFirst())", "--filter",
                "type=container", "--filter", "label=reconcile.dev/cluster=\(engine.clusterID)",
            ], environment: ["HOME=\(directory)", "PATH=/usr/bin:/bin"])
        let output = try Descriptor.open(file, [.write, .create])
        spawn.descriptors = [nil, output, nil]
        pid = try spawn.spawn()
    }

    deinit {
        kill(pid, SIGKILL)
        _ = try? Children.wait(pid)
    }

    var entries: [Entry] {
        let bytes = (try? Files.read(file, limit: 64 << 20)) ?? []
        return bytes.split(separator: UInt8(ascii: "\n")).compactMap { line in
            guard let tree = try? JSON.parse(Array(line)), let action = tree["Action"]?.string,
                let id = tree["Actor"]?["ID"]?.string
            else { return nil }
            let labels = tree["Actor"]?["Attributes"]
            let slot = labels?["reconcile.dev/slot"]?.string.map {
                "\(labels?["reconcile.dev/pool"]?.string ?? "")/\($0)"
            }
            return Entry(
                action: action, id: id, time: tree["timeNano"]?.int ?? 0, slot: slot,
                workerUID: labels?["reconcile.dev/worker-uid"]?.string)
        }
    }

    /// Slots that had two living containers at once, and workers that were started more than once: none.
    var doubles: [String] {
        var living: [String: String] = [:]
        var started: Set<String> = []
        var found: [String] = []
        for entry in entries {
            guard let slot = entry.slot, let uid = entry.workerUID else { continue }
            switch entry.action {
            case "start":
                if let other = living[slot] { found.append("slot \(slot): \(entry.id) beside \(other)") }
                if !started.insert(uid).inserted { found.append("worker \(uid): started again as \(entry.id)") }
                living[slot] = entry.id
            case "die" where living[slot] == entry.id: living[slot] = nil
            default: break
            }
        }
        return found
    }

    /// How many workers it saw start.
    var starts: Int { entries.count { $0.action == "start" && $0.workerUID != nil } }

    /// Whether all that it saw made is seen gone.
    var isQuiet: Bool {
        var there: Set<String> = []
        for entry in entries {
            if entry.action == "create" { there.insert(entry.id) }
            if entry.action == "destroy" { there.remove(entry.id) }
        }
        return there.isEmpty
    }
}
