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
        let cpuBefore = childrenTime
        let start = Stopwatch.now
        let (pid, reader) = try spawn(arguments, in: directory)
        let output = String(decoding: try reader.readAll(limit: outputLimit), as: UTF8.self)
        let status = try Children.wait(pid)
        return Tool(status: status, output: output, wall: Stopwatch.now - start, cpu: childrenTime - cpuBefore)
    }

    /// Our own writing end is gone when this returns: the reader meets the end of what the child writes.
    private static func spawn(_ arguments: [String], in directory: String?) throws -> (Int32, Descriptor) {
        let pipe = try Descriptor.pipe()
        var request = SpawnRequest(arguments, environment: inherited)
        request.workingDirectory = directory
        request.descriptors = [nil, pipe.write, nil]
        return (try request.spawn(), pipe.read)
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
        ["PATH", "HOME", "LANG"].compactMap { (name: String) in getenv(name).map { "\(name)=\(String(cString: $0))" } }
    }

    private static var childrenTime: Double {
        var usage = rusage()
        getrusage(__rusage_who_t(RUSAGE_CHILDREN.rawValue), &usage)
        func seconds(_ time: timeval) -> Double { Double(time.tv_sec) + Double(time.tv_usec) / 1e6 }
        return seconds(usage.ru_utime) + seconds(usage.ru_stime)
    }
}
