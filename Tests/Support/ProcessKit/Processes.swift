import Glibc
package import Kernel

/// The processes of a test, found by what their command lines hold.
package enum Processes {
    package static func living(commandHolds text: String) -> [ProcessEntry] {
        ProcessTable.entries().filter { entry in
            guard !entry.isDead, entry.pid != getpid(),
                let bytes = try? Files.read("/proc/\(entry.pid)/cmdline", limit: 1 << 20)
            else { return false }
            return String(decoding: bytes.map { $0 == 0 ? 0x20 : $0 }, as: UTF8.self).contains(text)
        }
    }

    /// How many descriptors this process has open.
    package static var openDescriptors: Int { ((try? Files.names(in: "/proc/self/fd")) ?? []).count }

    /// The helper program that the tests start; the build puts it beside the test program.
    package static var fixture: String {
        var buffer = [CChar](repeating: 0, count: 4096)
        let count = readlink("/proc/self/exe", &buffer, buffer.count)
        let program = String(decoding: buffer.prefix(max(count, 0)).map(UInt8.init(bitPattern:)), as: UTF8.self)
        let directory = program.lastIndex(of: "/").map { program[..<$0] } ?? "."
        return "\(directory)/ProcessFixture"
    }
}
