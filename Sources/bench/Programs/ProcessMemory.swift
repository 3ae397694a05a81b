import Kernel

/// A field of /proc/PID/status (proc(5)).
enum ProcessMemory {
    static func kibibytes(_ field: String, of pid: Int32) -> Int? {
        guard let bytes = (try? Files.read("/proc/\(pid)/status", limit: 64 << 10)) ?? nil else { return nil }
        let line = String(decoding: bytes, as: UTF8.self).split(separator: "\n").first { $0.hasPrefix(field) }
        return line?.split(whereSeparator: { $0 == " " || $0 == "\t" }).dropFirst().first.flatMap { Int($0) }
    }

    /// Memory that belongs to the process alone and to no file, in mebibytes.
    static func anonymous(of pid: Int32) throws -> Double {
        guard let kibibytes = kibibytes("RssAnon:", of: pid) else { throw Unmeasurable("process \(pid) has ended") }
        return Double(kibibytes) / 1024
    }
}
