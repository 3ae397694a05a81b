/// Whether a transfer keeps moving: a given number of bytes, either way, within a given time, again and
/// again. It counts from the request's start and stands still while the transfer is paused. A value: the time
/// comes in.
struct SpeedCheck {
    typealias Instant = ContinuousClock.Instant

    private let minimum: HTTPRequest.LowSpeed
    private var moved = 0
    private var since: Instant?

    init(_ minimum: HTTPRequest.LowSpeed) { self.minimum = minimum }

    /// When the transfer is too slow unless bytes come; nil while nothing counts.
    var deadline: Instant? { since.map { $0.advanced(by: minimum.within) } }

    mutating func start(at now: Instant) { (moved, since) = (0, now) }

    mutating func pause() { since = nil }

    mutating func moved(_ bytes: Int, at now: Instant) {
        guard since != nil else { return }
        moved += bytes
        if moved >= minimum.bytes { start(at: now) }
    }
}
