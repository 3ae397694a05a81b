import CLinux
import Glibc

/// What this process's allocator keeps of memory that was freed: for a while it may be wanted again, after a flood it
/// belongs to others.
package enum Heap {
    /// Bytes of memory that this process holds beyond what is in use: freed, and not given back.
    package static var unused: Int { max(0, held - Int(clinux_used_heap())) }

    /// Bytes of anonymous memory (proc(5), statm: resident, less what is shared).
    private static var held: Int {
        // try?: without /proc nothing is known to be unused, and nothing is given back.
        let bytes = (try? Files.read("/proc/self/statm", limit: 256)) ?? nil
        let fields = String(decoding: bytes ?? [], as: UTF8.self).split(separator: " ").compactMap { Int($0) }
        return fields.count > 2 ? (fields[1] - fields[2]) * sysconf(Int32(_SC_PAGESIZE)) : 0
    }

    /// Gives back what was freed. It takes some milliseconds for each hundred MiB, and threads that allocate wait.
    package static func trim() { _ = clinux_trim_heap() }

    /// Threads share so many arenas. Call it first of all.
    package static func limitArenas(_ count: Int) { _ = clinux_limit_arenas(CInt(count)) }
}
