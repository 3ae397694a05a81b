import GRDB
import Kernel
import Ports
import ProcessKit
import SQLiteStorage
import Storage
import StoreConformance
import Testing

/// Files that are not opened: each with its own words, and none of them changed.
@Suite struct RefusedFileTests {
    private let place: Scratch
    private var path: String { place.path + "/state.db" }

    init() throws { place = try Scratch() }

    @Test func aFileOfSomethingElse() throws {
        try refuses(Array("not a database, by far\n".utf8), .foreign)
        try refuses([UInt8](repeating: 0, count: 8_192), .foreign)
    }

    @Test func aDatabaseOfAnotherProgram() throws {
        try change("PRAGMA application_id = 77; CREATE TABLE t (x)")
        try refuses(try bytes(), .foreign)
    }

    @Test func aFileOfANewerVersion() async throws {
        let whole = try await wholeFile()
        var newer = whole
        newer[63] = 9
        try refuses(newer, .newer(found: 9, supported: 1))
    }

    @Test func anEmptyFile() throws { try refuses([], .corrupt) }

    @Test(arguments: [50, 100, 4_096, 5_000, 20_000, -1])
    func aFileThatIsCutOff(at length: Int) async throws {
        let whole = try await wholeFile()
        try refuses(Array(length < 0 ? whole.dropLast() : whole.prefix(length)), .corrupt)
    }

    @Test func aPageOfNoise() async throws {
        let whole = try await wholeFile()
        var refused = 0
        for page in 1..<whole.count / 4_096 {
            var torn = whole
            for offset in 0..<64 { torn[page * 4_096 + offset] = UInt8(truncatingIfNeeded: offset &* 37 &+ page) }
            try Files.replace(path, torn)
            do throws(StoreOpenError) {
                let store = try SQLiteStore.open(path, clusterID: "c") { _ in }
                await store.close()
            } catch {
                #expect(error.code == .corrupt, "page \(page): \(error)")
                #expect(try bytes() == torn, "page \(page) was changed")
                refused += 1
            }
        }
        #expect(refused > 0)
    }

    @Test func aFileWhoseObjectsMakeNoSense() async throws {
        let statements = [
            "UPDATE objects SET json = '{' WHERE name = 'n1'", "UPDATE objects SET kind = 'Teapot' WHERE name = 'n1'",
            "UPDATE objects SET version = 999999 WHERE name = 'n1'", "UPDATE objects SET uid = 'x' WHERE name = 'n1'",
            "UPDATE objects SET version = -1 WHERE name = 'n1'", "DELETE FROM state", "DROP TABLE objects",
        ]
        for statement in statements {
            try Files.replace(path, try await wholeFile())
            try change(statement)
            try refuses(try bytes(), .corrupt)
        }
    }

    @Test func aLogWithoutItsFile() async throws {
        try Files.replace(path + "-wal", [1, 2, 3])
        let error = #expect(throws: StoreOpenError.self) { try open() }
        #expect(error?.code == .corrupt)
        #expect(!Files.exists(path))
    }

    @Test func aPlaceThatCannotBeWritten() {
        let error = #expect(throws: StoreOpenError.self) {
            try SQLiteStore.open("/proc/state.db", clusterID: "c") { _ in }
        }
        #expect(error?.code == .notWritable)
    }

    @Test func aHalfMadeFileIsMadeAnew() async throws {
        try Files.replace(path + ".new", [1, 2, 3])
        let store = try open()
        #expect(try store.list(StoreQuery()).version == 0)
        await store.close()
        #expect(!Files.exists(path + ".new"))
    }

    // MARK: how it is tried

    private func refuses(_ content: [UInt8], _ code: StoreOpenError.Code, line: SourceLocation = #_sourceLocation)
        throws
    {
        try Files.replace(path, content)
        let error = #expect(throws: StoreOpenError.self, sourceLocation: line) { try open() }
        #expect(error?.code == code, "\(error.map(\.description) ?? "")", sourceLocation: line)
        #expect(error?.path == path, sourceLocation: line)
        #expect(error?.next.isEmpty == false, sourceLocation: line)
        #expect(try bytes() == content, "the file was changed", sourceLocation: line)
    }

    private func change(_ statement: String) throws {
        let database = try DatabaseQueue(path: path)
        try database.writeWithoutTransaction { try $0.execute(sql: statement) }
        try database.close()
    }

    private func open() throws -> SQLiteStore {
        try SQLiteStore.open(path, clusterID: "c") { Issue.record("fatal: \($0)") }
    }

    private func bytes() throws -> [UInt8] { try #require(try Files.read(path, limit: 1 << 30)) }

    private func wholeFile() async throws -> [UInt8] {
        try Files.remove(path)
        let store = try open()
        let keys = (0..<200).map { Sample.key("n\($0)") }
        _ = try await store.commit(Batch(keys.map { .create($0, Sample.tree($0)) }))
        await store.close()
        return try bytes()
    }
}
