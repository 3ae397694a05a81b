import Model
import Ports
import Synchronization

/// Rings once at an instant; setting it anew forgets the time before.
final class Alarm: Sendable {
    private let clock: any Ports.Clock
    private let ring: @Sendable () -> Void
    private let state = Mutex<(instant: Instant, task: Task<Void, Never>)?>(nil)

    init(clock: any Ports.Clock, ring: @escaping @Sendable () -> Void) {
        self.clock = clock
        self.ring = ring
    }

    func set(_ instant: Instant) {
        state.withLock { state in
            guard state?.instant != instant || state?.task.isCancelled == true else { return }
            state?.task.cancel()
            state = (
                instant,
                Task { [clock, ring, state = self] in
                    await clock.sleep(until: instant)
                    guard !Task.isCancelled else { return }
                    state.rang(instant)
                    ring()
                }
            )
        }
    }

    func cancel() {
        state.withLock { state in
            state?.task.cancel()
            state = nil
        }
    }

    private func rang(_ instant: Instant) {
        state.withLock { if $0?.instant == instant { $0 = nil } }
    }
}
