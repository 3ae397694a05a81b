import Model

/// The agent's side of its lease (L3): it counts from the sending of the last renewal that was acknowledged, so it
/// always ends before the controller's, which counts from the receipt.
struct RenewalLease: Sendable {
    private let renew: Duration
    /// One renewal short of being lost: 10 s of 12.
    private let cutOff: Duration
    private(set) var lastAcknowledged: Instant?
    private(set) var nextAt: Instant
    private var number = 0
    /// Not yet answered, oldest first.
    private var sent: [(number: Int, at: Instant)] = []

    /// Renewals waited for at a time.
    static let limit = 8

    /// A join counts as a renewal sent at `acknowledged`; an agent that resumes has none yet.
    init(renew: Duration, lostAfter: Duration, acknowledged: Instant?, now: Instant) {
        let interval = max(renew, .milliseconds(100))
        self.renew = interval
        cutOff = max(lostAfter - interval, .zero)
        lastAcknowledged = acknowledged
        nextAt = acknowledged.map { max($0 + interval, now) } ?? now
    }

    var duration: Duration { cutOff }
    var cutOffAt: Instant { lastAcknowledged.map { $0 + cutOff } ?? .origin }

    func isCutOff(now: Instant) -> Bool { lastAcknowledged == nil || cutOffAt <= now }

    /// The number of the renewal that is due.
    mutating func send(now: Instant) -> Int? {
        guard nextAt <= now else { return nil }
        nextAt = now + renew
        number += 1
        sent = sent.suffix(Self.limit - 1) + [(number, now)]
        return number
    }

    /// From when the lease runs by this answer; nil if it prolongs nothing.
    mutating func acknowledge(_ number: Int) -> Instant? {
        guard let index = sent.firstIndex(where: { $0.number == number }) else { return nil }
        let from = sent[index].at
        sent.removeFirst(index + 1)
        if let lastAcknowledged, lastAcknowledged >= from { return nil }
        lastAcknowledged = from
        return from
    }
}
