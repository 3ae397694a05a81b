import Kernel
package import Model
import Ports

/// The clocks of this machine.
package struct SystemClock: Ports.Clock {
    /// A sleep is cut into pieces of this length, so that no far instant overflows a deadline.
    private static let longestSleep = Duration.hours(24)

    package init() {}

    package var now: Moment {
        Moment(
            instant: Instant(nanoseconds: BootClock.nanoseconds),
            wall: Timestamp(milliseconds: BootClock.wallNanoseconds / 1_000_000))
    }

    package func sleep(until instant: Instant) async {
        while true {
            let rest = instant - Instant(nanoseconds: BootClock.nanoseconds)
            guard rest > .zero else { return }
            do { try await Task.sleep(for: min(rest, Self.longestSleep), clock: .continuous) } catch { return }
        }
    }
}
