import Glibc
import Kernel
import Ports
import ProcessKit
import Storage
import Testing

@Suite struct BlobStoreTests {
    enum Which: CaseIterable { case memory, file }

    private let place: Scratch

    init() throws { place = try Scratch() }

    private func store(_ which: Which) -> any BlobStore {
        var limits = BlobLimits()
        limits.blobBytes = 100
        limits.readBytes = 40
        return switch which {
        case .memory: MemoryBlobStore(limits: limits)
        case .file: FileBlobStore(place.path + "/blobs", limits: limits)
        }
    }

    @Test(arguments: Which.allCases)
    func appendsInOrderAndReadsFromAnOffset(_ which: Which) async throws {
        let store = store(which)
        #expect(try await store.read("a/b", from: 0, limit: 10) == nil, "absent")
        try await store.append([1, 2, 3], to: "a/b")
        try await store.append([4, 5], to: "a/b")
        try await store.append([], to: "empty")
        let table: [(offset: Int, limit: Int, bytes: [UInt8])] = [
            (0, 10, [1, 2, 3, 4, 5]), (3, 10, [4, 5]), (1, 2, [2, 3]), (5, 10, []), (9, 10, []), (0, 0, []),
            (-4, 1, [1]), (0, -1, []),
        ]
        for row in table {
            let part = try await store.read("a/b", from: row.offset, limit: row.limit)
            #expect(part == BlobPart(bytes: row.bytes, total: 5), "from \(row.offset), at most \(row.limit)")
        }
        #expect(try await store.read("empty", from: 0, limit: 1) == BlobPart(bytes: [], total: 0))
    }

    @Test(arguments: Which.allCases)
    func isBounded(_ which: Which) async throws {
        let store = store(which)
        try await store.append([UInt8](repeating: 7, count: 100), to: "log")
        await #expect(throws: BlobError.self) { try await store.append([8], to: "log") }
        let part = try await store.read("log", from: 0, limit: .max)
        #expect(part == BlobPart(bytes: [UInt8](repeating: 7, count: 40), total: 100), "one read has a bound too")
    }

    @Test(arguments: Which.allCases)
    func removesByWholeParts(_ which: Which) async throws {
        let store = store(which)
        for name in ["t/1/log", "t/1/out/x", "t/12/log", "u"] { try await store.append([1], to: name) }
        try await store.remove(prefix: "t/1")
        try await store.remove(prefix: "absent/x")
        #expect(try await store.read("t/1/log", from: 0, limit: 1) == nil)
        #expect(try await store.read("t/1/out/x", from: 0, limit: 1) == nil)
        #expect(try await store.read("t/12/log", from: 0, limit: 1) != nil, "12 is not below 1")
        #expect(try await store.read("u", from: 0, limit: 1) != nil)
    }

    @Test(
        arguments: Which.allCases,
        [
            "", "/a", "a//b", "a/", "..", "a/../b", ".", "a\0b", "a\nb", String(repeating: "x", count: 256),
            String(repeating: "a/", count: 16) + "a",
        ])
    func refusesNamesThatLeadElsewhere(_ which: Which, name: String) async {
        let store = store(which)
        await #expect(throws: BlobError.self) { try await store.append([1], to: name) }
        await #expect(throws: BlobError.self) { _ = try await store.read(name, from: 0, limit: 1) }
        await #expect(throws: BlobError.self) { try await store.remove(prefix: name) }
    }

    @Test func filesAreTheOwnersOnly() async throws {
        let store = store(.file)
        try await store.append([1], to: "a/ü b")
        var status = stat()
        #expect(stat(place.path + "/blobs/a/ü b", &status) == 0 && status.st_mode & 0o777 == 0o600)
        #expect(stat(place.path + "/blobs/a", &status) == 0 && status.st_mode & 0o777 == 0o700)
    }
}
