package import Model
package import Ports

// Answers to commits.
extension Engine {
    package mutating func committed(_ id: UInt64, _ result: Result<CommitReceipt, StoreError>, now: Moment) {
        guard let pending = commits.removeValue(forKey: id) else { return }
        locked.subtract(pending.keys)
        leaving.subtract(pending.keys)
        drawnFrom.subtract(pending.drawsFrom)
        if pending.isRound {
            roundInFlight = false
            takenByRound = []
        }
        if pending.confirmsLead {
            // try?: an error is the answer that it is not confirmed; what it means follows below.
            effects.append(.leadConfirmed((try? result.get()) != nil))
        }
        if !skippedByRound.isDisjoint(with: pending.keys) { wake(.round, now: now) }
        switch result {
        case .success(let receipt):
            storeAnswers(now: now)
            if !live.refusals.isEmpty { accepted(pending, now: now) }
            if pending.isRound { live.cursor = pending.cursor }
            for (key, object) in zip(pending.keys, receipt.objects) {
                if let object {
                    apply(object, isOwn: true, now: now)
                } else {
                    remove(key, version: receipt.version, now: now)
                }
            }
            if let first = pending.reports.first { finishReports(first.task, count: pending.reports.count, now: now) }
            for action in pending.afterwards { perform(action, now: now) }
        case .failure(let error): commitFailed(pending, error, now: now)
        }
        for key in pending.keys {
            hearEarly(key, now: now)
            if dirtyWhileLocked.remove(.object(key)) != nil { wake(.object(key), now: now) }
        }
        if pending.isRound, dirtyWhileLocked.remove(.round) != nil { wake(.round, now: now) }
    }

    /// Whether that commit, which is in flight, is the round's: bindings of tasks of every namespace.
    package func isRound(_ id: UInt64) -> Bool { commits[id]?.isRound ?? false }

    /// Asks the store, which fences epochs in every commit, whether a later leader has claimed one.
    package mutating func confirmLead() {
        let id = nextID
        nextID += 1
        commits[id] = PendingCommit(
            keys: [], requeue: [], afterwards: [], reports: [], isRound: false, confirmsLead: true)
        effects.append(.commit(id, Batch([], epoch: settings.epoch)))
    }

    private mutating func commitFailed(_ pending: PendingCommit, _ error: StoreError, now: Moment) {
        switch error.code {
        case .staleEpoch: effects.append(.stop(reason: error.message))
        case .closed: effects.append(.stop(reason: error.message))
        case .conflict, .notFound, .alreadyExists:
            stats.conflicts += 1
            effects.append(.refresh(pending.keys + pending.standing.map(\.key)))
            requeue(pending.requeue, after: .milliseconds(5 + Int64(random.below(10))), now: now)
        case .full(namespace: _?): refused(pending, error, now: now)
        case .unavailable:
            effects.append(.refresh(pending.keys))
            waitForStore(pending.requeue, now: now)
        case .expired, .tooLarge, .full:
            storeFailures += 1
            effects.append(.refresh(pending.keys))
            requeue(pending.requeue, after: Self.storeBackoff.delay(failures: storeFailures, random: &random), now: now)
        }
    }

    private static let storeBackoff = BackoffSchedule(initial: .milliseconds(100), maximum: .seconds(30))

    /// Everybody waits for the same: what fails while they do is one failure, however many were under way.
    private mutating func waitForStore(_ keys: [WorkKey], now: Moment) {
        if now.instant >= storeRetryAt {
            storeFailures += 1
            storeRetryAt = now.instant + Self.storeBackoff.delay(failures: storeFailures, random: &random)
        }
        waitingForStore.formUnion(keys)
        requeue(keys, after: storeRetryAt - now.instant, now: now)
    }

    /// Whoever gave way while the store could not be reached need not wait any longer.
    private mutating func storeAnswers(now: Moment) {
        storeFailures = 0
        guard !waitingForStore.isEmpty else { return }
        storeRetryAt = now.instant
        for key in waitingForStore.sorted() { wake(key, now: now) }
        waitingForStore = []
    }

    mutating func requeue(_ keys: [WorkKey], after delay: Duration, now: Moment) {
        for key in keys { wake(key, now: now, after: delay) }
    }

    mutating func finishReports(_ key: ObjectKey, count: Int, now: Moment) {
        guard var waiting = live.reports[key] else { return }
        let done = Array(waiting.prefix(count))
        waiting.removeFirst(min(count, waiting.count))
        live.reports[key] = waiting.isEmpty ? nil : waiting
        effects.append(.reportsHandled(done))
        // The round leaves out tasks of which something is still to be taken in.
        if waiting.isEmpty { wake(.round, now: now) }
    }
}
