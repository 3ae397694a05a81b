import Glibc
import Kernel
import ProcessKit
import Storage
import Testing

@Suite struct StateDirectoryTests {
    private let place: Scratch

    init() throws { place = try Scratch() }

    @Test func isMadeForItsOwnerOnlyAndSaysWhoOwnsIt() throws {
        let path = place.path + "/deep/state"
        let state = try StateDirectory.open(path + "/")
        #expect(state.path == path)
        var status = stat()
        #expect(stat(path, &status) == 0 && status.st_mode & 0o777 == 0o700)
        #expect(stat(path + "/lock", &status) == 0 && status.st_mode & 0o777 == 0o600)
        #expect(try Files.read(path + "/lock", limit: 100) == Array("\(getpid())\n".utf8))
    }

    @Test func hasOneOwner() throws {
        let path = place.path + "/state"
        var first: StateDirectory? = try StateDirectory.open(path)
        let error = #expect(throws: StoreOpenError.self) { try StateDirectory.open(path) }
        #expect(error?.code == .locked(by: Int(getpid())))
        #expect(error?.description.contains("in use by process \(getpid())") == true)
        #expect(first != nil)
        first = nil
        _ = try StateDirectory.open(path)
    }

    @Test(arguments: [
        ("/dev/null/state", "a part of the path is no directory"), ("/proc/reconcile", "nobody may write there"),
    ])
    func saysWhyItCannotBe(path: String, because: Comment) {
        let error = #expect(throws: StoreOpenError.self, because) { try StateDirectory.open(path) }
        #expect(error?.code == .notWritable && error?.path == path, because)
        #expect(error?.next.contains("--state") == true, because)
    }
}
