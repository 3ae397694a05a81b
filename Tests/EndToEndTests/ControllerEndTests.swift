import Engine
import Model
import Ports
import ProcessKit
import SQLiteStorage
import Storage
import Testing
import Tree

@testable import reconcile

/// A controller ends when it is told to, whatever is told to it meanwhile.
struct ControllerEndTests {
    /// The loop takes no more changes, and who tells of them waits until they are taken.
    @Test(.timeLimit(.minutes(3)))
    func itEndsWhileTheStoreTellsOfChanges() async throws {
        let scratch = try Scratch()
        let state = try await OpenState.open(scratch.path + "/state", clusterID: nil, closingProcess: false)
        let settings = Settings(clusterID: state.store.clusterID, epoch: 0, rehearsal: true)
        for round in 0..<8 {
            let controller = Controller(
                state, settings: settings, logger: LogFormat.make(json: false, verbosity: -1))
            let ready = AsyncStream.makeStream(of: Void.self)
            let written = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
            await withTaskGroup(of: Void.self) { group in
                // try?: both end by being cancelled; that they end is what is asked.
                group.addTask { _ = try? await controller.run { _ in ready.continuation.yield() } }
                for await _ in ready.stream { break }
                group.addTask {
                    var number = 0
                    while !Task.isCancelled {
                        let key = ObjectKey(.configMap, "default", "c-\(round)-\(number)")
                        // try?: as above.
                        _ = try? await state.store.commit(Batch([.create(key, Self.map(key))]))
                        number += 1
                        if number > 20 { written.continuation.yield() }
                    }
                }
                for await _ in written.stream { break }
                group.cancelAll()
            }
        }
        await state.store.close()
    }

    private static func map(_ key: ObjectKey) -> Tree {
        [
            "apiVersion": "v1", "kind": "ConfigMap",
            "metadata": ["name": .string(key.name), "namespace": .string(key.namespace), "uid": .string(key.name)],
        ]
    }
}
