package import Model
import Ports

/// The store had no room for what an object's decision would have made, because its namespace is at its quota.
package struct QuotaRefusal: Sendable, Hashable {
    package let message: String
    /// Until then nothing is made for the object; then it is tried again, since nobody tells of room.
    package var until: Instant
    /// An event of it is written once.
    var isTold = false

    static let pause = Duration.seconds(30)
}

extension Engine {
    /// What makes nothing else goes on: statuses have room that is kept for them.
    mutating func holdBack(_ outcome: inout Outcome, _ key: ObjectKey, now: Moment) {
        guard var refusal = live.refusals[key] else { return }
        let makes = outcome.actions.contains { if case .create = $0 { true } else { false } }
        guard makes else {
            // It no longer wants to.
            if refusal.until <= now.instant { forget(refusalOf: key, now: now) }
            return
        }
        guard now.instant < refusal.until else { return }
        outcome.actions.removeAll { if case .create = $0 { true } else { false } }
        queue.add(.object(key), at: refusal.until)
        if !refusal.isTold { outcome.events.append(.init(.warning, .quotaExceeded, refusal.message)) }
        refusal.isTold = true
        live.refusals[key] = refusal
    }

    mutating func refused(_ pending: PendingCommit, _ error: StoreError, now: Moment) {
        for case .object(let key) in pending.requeue {
            let before = live.refusals[key]
            live.refusals[key] = QuotaRefusal(
                message: error.message, until: now.instant + QuotaRefusal.pause, isTold: before?.isTold ?? false)
            rests[key] = nil
            if before == nil { effects.append(.notice("\(key): \(error.message)")) }
        }
        requeue(pending.requeue, after: .milliseconds(5 + Int64(random.below(10))), now: now)
    }

    /// What a decision wanted to make has been made.
    mutating func accepted(_ pending: PendingCommit, now: Moment) {
        for case .object(let key) in pending.requeue {
            guard let refusal = live.refusals[key], refusal.until <= now.instant else { continue }
            forget(refusalOf: key, now: now)
        }
    }

    private mutating func forget(refusalOf key: ObjectKey, now: Moment) {
        live.refusals[key] = nil
        rests[key] = nil
        wake(.object(key), now: now)
    }
}
