import Host
import Kernel
import ProcessKit
import Testing
import Tree

@Suite
struct StateFileTests {
    @Test func whatWasSavedIsLoaded() throws {
        let scratch = try Scratch()
        let file = StateFile(scratch.path + "/state")
        #expect(try file.load() == nil)
        try file.save(["epoch": 7, "fences": ["a": 1]])
        try file.save(["epoch": 8])
        #expect(try file.load() == ["epoch": 8])
        try Files.replace(file.path, Array("{".utf8))
        #expect(throws: (any Error).self) { try file.load() }
    }
}
