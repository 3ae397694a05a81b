import CLinux
import Glibc

/// Exactly one process of all that ever ran: a process number alone is used again.
package struct ProcessIdentity: Sendable, Hashable, CustomStringConvertible {
    package let bootID: String
    package let pid: Int32
    /// Clock ticks since boot.
    package let startTime: UInt64

    package init(bootID: String, pid: Int32, startTime: UInt64) {
        self.bootID = bootID
        self.pid = pid
        self.startTime = startTime
    }

    /// The process that has this number now; a dead child that was not reaped yet counts.
    package init?(pid: Int32) {
        guard let entry = ProcessEntry(pid: pid) else { return nil }
        self.init(bootID: BootClock.bootID, pid: pid, startTime: entry.startTime)
    }

    /// From here on nobody of the same user may look into this process or take its descriptors (prctl(2)).
    /// Nor does it leave a dump of its memory: what it starts may, if it asks for it.
    package static func forbidInspection() throws(SystemError) {
        try check("prctl") { clinux_forbid_inspection() }
        var limit = rlimit()
        getrlimit(__rlimit_resource_t(RLIMIT_CORE.rawValue), &limit)
        limit.rlim_cur = 0
        try check("setrlimit") { setrlimit(__rlimit_resource_t(RLIMIT_CORE.rawValue), &limit) }
    }

    package static var current: ProcessIdentity? { ProcessIdentity(pid: getpid()) }

    /// `BOOT/PID/START`, as provider ids and records have it.
    package var description: String { "\(bootID)/\(pid)/\(startTime)" }

    package init?(_ text: String) {
        let parts = text.split(separator: "/")
        guard parts.count == 3, let pid = Int32(parts[1]), pid > 0, let startTime = UInt64(parts[2]) else { return nil }
        self.init(bootID: String(parts[0]), pid: pid, startTime: startTime)
    }

    package var isAlive: Bool {
        guard let entry = ProcessEntry(pid: pid), entry.startTime == startTime, !entry.isDead else { return false }
        return bootID == BootClock.bootID
    }

    /// A descriptor that becomes readable when it ends; nil if it has ended.
    package func watch() -> Descriptor? {
        let raw = clinux_pidfd_open(pid)
        guard raw >= 0 else { return nil }
        let descriptor = Descriptor(owning: raw)
        // Checked after opening: from here on the number can't change hands behind the descriptor.
        return isAlive ? descriptor : nil
    }

    /// Sends it a signal, and never to another that got its number; false if it has ended.
    @discardableResult
    package func signal(_ number: Int32) -> Bool {
        guard let descriptor = watch() else { return false }
        return clinux_pidfd_send_signal(descriptor.raw, number) == 0
    }
}
