import APIServer
import Model
import Ports
import Storage
import Synchronization
import Testing
import Tree

/// Blobs whose first reads fail.
private final class Flaky: BlobStore {
    let inner = MemoryBlobStore()
    private let failures: Mutex<Int>

    init(failures: Int) { self.failures = Mutex(failures) }

    func append(_ bytes: [UInt8], to name: String) async throws(BlobError) { try inner.append(bytes, to: name) }
    func remove(prefix: String) async throws(BlobError) { try inner.remove(prefix: prefix) }
    func read(_ name: String, from offset: Int, limit: Int) async throws(BlobError) -> BlobPart? {
        let fails = failures.withLock { left in
            left -= 1
            return left >= 0
        }
        if fails { throw BlobError("the disk is busy") }
        return try inner.read(name, from: offset, limit: limit)
    }
}

@Suite struct LogCursorTests {
    private func log(_ blobs: Flaky) async throws -> String {
        let desk = try Desk(blobs: blobs)
        var task = WorkTask(metadata: ObjectMeta(), spec: TaskSpec())
        (task.metadata.name, task.metadata.namespace, task.metadata.uid) = ("t", "shop", "u")
        (task.spec.plan, task.spec.task, task.spec.run.command) = ("p", "t", ["true"])
        (task.status.phase, task.status.attempt) = (.succeeded, 1)
        _ = try desk.store.commit(Batch([.create(task.key, task.tree)]))
        try await blobs.append(Array("a line\n".utf8), to: "tasks/u/1.log")
        let path = "/apis/reconcile.dev/v1alpha1/namespaces/shop/tasks/t/log"
        guard case .stream(_, let stream) = await desk.server.handle(APIRequest(.get, path)) else { return "no stream" }
        var text = ""
        while let bytes = await stream.next() { text += String(decoding: bytes, as: UTF8.self) }
        return text
    }

    @Test func aFailedReadIsNotTheEnd() async throws {
        #expect(try await log(Flaky(failures: 0)) == "a line\n")
        #expect(try await log(Flaky(failures: 20)) == "a line\n")
    }

    @Test func aLogThatCanNotBeReadSaysSo() async throws {
        #expect(try await log(Flaky(failures: .max)) == "\n[the log can't be read: the disk is busy]\n")
    }
}
