import Glibc
import Kernel

/// A program that is run to its end.
struct Tool {
    let status: ExitStatus
    /// What it wrote to standard output.
    let output: String
    /// Seconds on the clock, and of computing, its own children that it waited for included.
    let wall: Double
    let cpu: Double

    private static let outputLimit = 256 << 20

    /// `directory` is where it runs; nil means here.
    static func run(_ arguments: [String], in directory: String? = nil) throws -> Tool {
        let pipe = try Descriptor.pipe()
        let quiet = try Descriptor.open("/dev/null", .write)
        var request = SpawnRequest(arguments, environment: inherited)
        request.workingDirectory = directory
        request.descriptors = [nil, pipe.write, quiet]
        let cpuBefore = childrenTime
        let start = Stopwatch.now
        let pid = try request.spawn()
        request.descriptors = []
        let output = try read(pipe)
        let status = try Children.wait(pid)
        return Tool(status: status, output: output, wall: Stopwatch.now - start, cpu: childrenTime - cpuBefore)
    }

    /// The same, where anything but success is an error.
    static func check(_ arguments: [String], in directory: String? = nil) throws -> Tool {
        let tool = try run(arguments, in: directory)
        guard tool.status == .exited(0) else {
            throw Unmeasurable("\(arguments.joined(separator: " ")) ended with \(tool.status)")
        }
        return tool
    }

    static var inherited: [String] {
        ["PATH", "HOME", "LANG"].compactMap { name in getenv(name).map { "\(name)=\(String(cString: $0))" } }
    }

    /// Everything up to the end; this end's own copy of the writing side has to go first.
    private static func read(_ ends: consuming (read: Descriptor, write: Descriptor)) throws -> String {
        let reader = ends.read
        ends = (reader, reader)
        return String(decoding: try reader.readAll(limit: outputLimit), as: UTF8.self)
    }

    private static var childrenTime: Double {
        var usage = rusage()
        getrusage(RUSAGE_CHILDREN, &usage)
        func seconds(_ time: timeval) -> Double { Double(time.tv_sec) + Double(time.tv_usec) / 1e6 }
        return seconds(usage.ru_utime) + seconds(usage.ru_stime)
    }
}
