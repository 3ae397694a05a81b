import CLinux
import Glibc

/// What this process takes of the machine, as the kernel counts it.
package struct ProcessUsage: Sendable {
    package var cpuMilliseconds = 0
    package var residentBytes = 0
    package var virtualBytes = 0
    package var openFiles = 0
    /// Seconds of Unix time.
    package var startedAt = 0

    package static var own: ProcessUsage {
        var usage = ProcessUsage()
        var times = rusage()
        if getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &times) == 0 {
            usage.cpuMilliseconds =
                (times.ru_utime.tv_sec + times.ru_stime.tv_sec) * 1000
                + Int(times.ru_utime.tv_usec + times.ru_stime.tv_usec) / 1000
        }
        let pages = text("/proc/self/statm").split(separator: " ").map { (Int($0) ?? 0) * sysconf(Int32(_SC_PAGESIZE)) }
        if pages.count > 1 { (usage.virtualBytes, usage.residentBytes) = (pages[0], pages[1]) }
        // try?: figures for a scrape; none where there is no /proc.
        usage.openFiles = ((try? Files.names(in: "/proc/self/fd")) ?? []).count
        usage.startedAt = startTime
        return usage
    }

    /// The boot's time, and what passed until this process began: the twenty-second field of proc_pid_stat(5).
    private static let startTime: Int = {
        let boot = text("/proc/stat").split(separator: "\n").first { $0.hasPrefix("btime ") }
        let since = boot.flatMap { Int($0.dropFirst(6)) } ?? 0
        let fields = text("/proc/self/stat").split(separator: ")").last?.split(separator: " ") ?? []
        let ticks = fields.count > 19 ? Int(fields[19]) ?? 0 : 0
        return since + ticks / max(1, sysconf(Int32(_SC_CLK_TCK)))
    }()

    private static func text(_ path: String) -> String {
        // try?: likewise.
        String(decoding: ((try? Files.read(path, limit: 1 << 20)) ?? nil) ?? [], as: UTF8.self)
    }
}
