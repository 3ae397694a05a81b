import Glibc

/// This machine's clocks and the name of its current run.
package enum BootClock {
    /// Nanoseconds since boot, suspended time included.
    package static var nanoseconds: Int64 { read(CLOCK_BOOTTIME) }

    /// Nanoseconds since 1970, as the wall clock has it.
    package static var wallNanoseconds: Int64 { read(CLOCK_REALTIME) }

    /// Differs after every restart of the machine. Empty where the kernel does not tell.
    package static var bootID: String {
        // try?: empty is the answer of a kernel that does not tell.
        guard let bytes = try? Files.read("/proc/sys/kernel/random/boot_id", limit: 128) else { return "" }
        return String(decoding: bytes.prefix { $0 > 0x20 }, as: UTF8.self)
    }

    private static func read(_ clock: clockid_t) -> Int64 {
        var time = timespec()
        clock_gettime(clock, &time)
        return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
    }
}
