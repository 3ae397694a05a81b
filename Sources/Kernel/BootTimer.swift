import CLinux
import Glibc

/// A timer on the boot clock that becomes readable when its time has come, at once after a suspend that outlasted it.
package struct BootTimer: Sendable {
    package let descriptor: Descriptor

    package init() throws(SystemError) {
        descriptor = Descriptor(
            owning: try check("timerfd_create") { timerfd_create(CLOCK_BOOTTIME, CInt(TFD_CLOEXEC | TFD_NONBLOCK)) })
    }

    /// Sets it to an instant of the boot clock in nanoseconds; nil stops it. Either way it is no longer readable.
    package func set(_ instant: Int64?) throws(SystemError) {
        var setting = itimerspec()
        if let instant {
            // Zero would stop it.
            let time = max(instant, 1)
            setting.it_value.tv_sec = Int(time / 1_000_000_000)
            setting.it_value.tv_nsec = Int(time % 1_000_000_000)
        }
        try check("timerfd_settime") { timerfd_settime(descriptor.raw, CInt(TFD_TIMER_ABSTIME), &setting, nil) }
    }
}
