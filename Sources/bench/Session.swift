import Glibc
import Kernel

/// Runs the measurements in order and prints their lines as they come.
struct Session {
    private let arguments: Arguments

    init(_ arguments: Arguments) { self.arguments = arguments }

    /// Whether everything that was asked for could be measured.
    func run() async throws -> Bool {
        if let name = arguments.document { return try HostileDocuments.decide(name) }
        let wanted = Benchmark.all.filter { benchmark in
            arguments.wanted.isEmpty || arguments.wanted.contains { benchmark.name.contains($0) }
        }
        guard !wanted.isEmpty else { throw Unmeasurable("there is no such measurement; --list names them") }
        let workshop = try Workshop(directory: arguments.directory, programs: arguments.programs)
        defer { workshop.remove() }
        say(Self.machine)
        say(Row.header)
        var failures: [String] = []
        for benchmark in wanted {
            do {
                for row in try await benchmark.run(workshop) { say(row.line) }
            } catch { failures.append("\(benchmark.name): \(error)") }
        }
        say(Row.footer)
        for failure in failures { say("could not be measured: \(failure)") }
        return failures.isEmpty
    }

    /// A line reaches a pipe at once, as it reaches a terminal: a measurement may take a minute.
    private func say(_ line: String) {
        print(line)
        fflush(nil)
    }

    /// What the numbers are of: a busy machine shows in its load.
    private static var machine: String {
        func text(_ path: String) -> String {
            String(decoding: ((try? Files.read(path, limit: 1 << 20)) ?? nil) ?? [], as: UTF8.self)
        }
        let model = text("/proc/cpuinfo").split(separator: "\n").first { $0.hasPrefix("model name") }
        let name = model?.split(separator: ":").last?.drop { $0 == " " } ?? "unknown processor"
        let load = text("/proc/loadavg").split(separator: " ").prefix(3).joined(separator: " ")
        return "\(sysconf(Int32(_SC_NPROCESSORS_ONLN))) × \(name), load \(load)"
    }
}
