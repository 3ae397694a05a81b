import Model
import Ports

/// Measures with the real clock, and shows the same time for ever: ages in golden texts stand still.
struct StillClock: Ports.Clock {
    static let wall = Timestamp("2026-11-23T18:00:00Z") ?? Timestamp(milliseconds: 0)
    private static let origin = ContinuousClock.now

    var now: Moment {
        let elapsed = ContinuousClock.now - Self.origin
        return Moment(instant: .origin + elapsed, wall: Self.wall)
    }

    func sleep(until instant: Instant) async { try? await Task.sleep(for: instant - now.instant) }
}
