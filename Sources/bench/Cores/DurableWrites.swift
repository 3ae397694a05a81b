import Glibc
import Kernel
import Model
import Ports
import SQLiteStorage
import Synchronization
import Tree

/// Writes that were acknowledged, and so survive a loss of power, beside the disk alone: write and fdatasync of the
/// same bytes.
enum DurableWrites {
    private static let seconds = 2.0
    /// Each writer goes round on objects of its own.
    private static let objects = 16

    static func measure(_ workshop: Workshop) async throws -> [Row] {
        let disk = try bareSyncs(workshop)
        let many = try await rate(writers: 64, workshop)
        let one = try await rate(writers: 1, workshop)
        let beside = "write + fdatasync, one after another: \(grouped(disk))/s"
        return [
            Row(
                name: "durable writes, 64 writers", value: many, unit: .perSecond, gate: 20_000, goal: 150_000,
                beside: beside),
            Row(
                name: "durable writes, one writer", value: one, unit: .perSecond, gate: 2000, goal: 3500,
                beside: "\(short(one / disk * 100)) % of write + fdatasync"),
        ]
    }

    private static func rate(writers: Int, _ workshop: Workshop) async throws -> Double {
        let failed = Mutex<String?>(nil)
        let path = try workshop.place("writes-\(writers)") + "/state.db"
        let store = try SQLiteStore.open(path, clusterID: "bench") { reason in failed.withLock { $0 = reason } }
        let start = Stopwatch.now
        let end = start + seconds
        let written = try await withThrowingTaskGroup(of: Int.self) { group in
            for writer in 0..<writers { group.addTask { try await write(writer, to: store, until: end) } }
            return try await group.reduce(0, +)
        }
        let took = Stopwatch.now - start
        await store.close()
        if let reason = failed.withLock({ $0 }) { throw Unmeasurable(reason) }
        return Double(written) / took
    }

    private static func write(_ writer: Int, to store: SQLiteStore, until end: Double) async throws -> Int {
        let keys = (0..<objects).map { ObjectKey(.task, "bench", "task-\(writer)-\($0)") }
        var versions: [UInt64] = []
        for key in keys { versions.append(try await store.commit(Batch([.create(key, tree(key, 0))])).version) }
        var written = objects
        while Stopwatch.now < end {
            let index = written % objects
            let receipt = try await store.commit(
                Batch([.update(keys[index], tree(keys[index], written), expecting: versions[index])]))
            versions[index] = receipt.version
            written += 1
        }
        return written
    }

    /// About what a task's object takes, some 600 bytes as JSON.
    private static func tree(_ key: ObjectKey, _ turn: Int) -> Tree {
        [
            "apiVersion": .string(key.kind.apiVersion), "kind": .string(key.kind.rawValue),
            "metadata": [
                "name": .string(key.name), "namespace": .string(key.namespace), "uid": .string("uid-of-\(key.name)"),
                "creationTimestamp": "2026-01-01T00:00:00Z", "generation": 1,
            ],
            "spec": [
                "plan": "bench", "task": .string(key.name), "timeout": "4h", "killGrace": "10s",
                "run": ["command": ["sh", "-c", "echo one of many things to do; sleep 1; echo done"]],
                "requires": ["capabilities": ["frontend"], "cpu": "500m", "memory": "256Mi"],
            ],
            "status": [
                "phase": "Running", "attempt": .int(Int64(turn)), "fence": .int(Int64(turn)),
                "startedAt": "2026-01-01T00:00:00Z",
                "assignment": ["worker": "frontend-0-1", "region": "us-east-1", "workerUID": "0b5f3c8e-77aa-4d4c"],
            ],
        ]
    }

    private static func bareSyncs(_ workshop: Workshop) throws -> Double {
        let file = try Descriptor.open(workshop.directory + "/raw", [.write, .create, .append])
        let bytes = [UInt8](repeating: UInt8(ascii: "x"), count: 600)
        var syncs = 0
        let start = Stopwatch.now
        while Stopwatch.now < start + seconds {
            try file.writeAll(bytes)
            guard fdatasync(file.raw) == 0 else { throw SystemError("fdatasync", workshop.directory) }
            syncs += 1
        }
        return Double(syncs) / (Stopwatch.now - start)
    }
}
