import Glibc
import Kernel

/// Where a run may write, and the programs it measures.
final class Workshop: Sendable {
    let directory: String
    private let programs: String

    init(directory: String, programs: String?) throws {
        var template = Array("\(directory)/reconcile-bench.XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw SystemError("mkdtemp", directory) }
        self.directory = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        self.programs = try programs ?? Self.ownDirectory()
    }

    func remove() { try? Files.remove(directory) }

    func program(_ name: String) throws -> String {
        let path = "\(programs)/\(name)"
        guard Files.exists(path) else { throw Unmeasurable("\(path) does not exist: build it for release first") }
        return path
    }

    /// A fresh directory of that name.
    func place(_ name: String) throws -> String {
        let path = "\(directory)/\(name)"
        try Files.makeDirectories(path)
        return path
    }

    private static func ownDirectory() throws -> String {
        let program = try Files.target(of: "/proc/self/exe")
        return String(program[..<(program.lastIndex(of: "/") ?? program.endIndex)])
    }
}
