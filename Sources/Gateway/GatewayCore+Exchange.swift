package import Model
package import WorkerProtocol

extension GatewayCore {
    /// What an agent holds and reports. Answered at once if there is news for it, else held: by its next exchange, by
    /// news, by a tick or after
    /// `WireLimits.hold` at the latest it gets its answer.
    package mutating func exchange(
        _ call: CallID, _ request: ExchangeRequest, credential: SecretHash, now: Instant
    ) -> [GatewayEffect] {
        var effects: [GatewayEffect]
        do throws(Refusal) {
            effects = try hear(request.workerUID, credential, incarnation: request.incarnation, epoch: request.epoch)
        } catch {
            return refuse(call, error, of: request.workerUID, credential, seen: request.epoch)
        }
        guard var worker = workers[request.workerUID] else { return effects }
        if let lie = worker.lie(in: request) { effects.append(.lied(workerUID: request.workerUID, lie)) }
        // A copy that was overtaken on its way says nothing of the present; it must not displace the poll that does.
        guard request.number >= worker.exchange else {
            return effects + [.reply(call, .exchanged(answer(worker, to: request, now: now)))]
        }
        if let parked = worker.parked {
            effects.append(.reply(parked.call, .exchanged(answer(worker, to: parked.request, now: now))))
        }
        effects += note(request.containerEngine, of: request.workerUID)
        worker.containerEngine = request.containerEngine
        worker.exchange = request.number
        let poll = ParkedPoll(call: call, request: request, until: now + WireLimits.hold)
        worker.parked = poll
        polls.add(poll, of: request.workerUID)
        if request.draining, !worker.draining { effects.append(.draining(workerUID: request.workerUID)) }
        worker.draining = request.draining
        workers[request.workerUID] = worker
        return effects + takeReports(request.workerUID) + settle(request.workerUID, now: now)
    }

    /// Hands out what the parked exchange reports; not before it is known what the worker should hold.
    mutating func takeReports(_ workerUID: String) -> [GatewayEffect] {
        guard let reports = workers[workerUID]?.parked?.request.reports, !reports.isEmpty,
            let tasks = workers[workerUID]?.tasks
        else { return [] }
        let (taken, foreign) = workers[workerUID]?.intake.take(reports, of: tasks, counting: &counters) ?? ([], [])
        return (taken.isEmpty ? [] : [.reports(workerUID: workerUID, taken)])
            + foreign.map { .foreign(workerUID: workerUID, $0) }
    }

    /// Answers the parked exchange if there is news for it or its time is up. That its reports are stored is told with
    /// what comes next, or a moment later.
    mutating func settle(_ workerUID: String, now: Instant) -> [GatewayEffect] {
        guard let worker = workers[workerUID], var parked = worker.parked else { return [] }
        let isStored = worker.acknowledges(parked.request)
        guard parked.until <= now || worker.hasNews(for: parked.request, now: now) || isStored && worker.draining else {
            if isStored, parked.until > now + Self.acknowledgePause {
                parked.until = now + Self.acknowledgePause
                workers[workerUID]?.parked = parked
                acknowledging.add(parked, of: workerUID)
            }
            return []
        }
        workers[workerUID]?.parked = nil
        return [.reply(parked.call, .exchanged(answer(worker, to: parked.request, now: now)))]
    }

    private func answer(_ worker: KnownWorker, to request: ExchangeRequest, now: Instant) -> ExchangeReply {
        ExchangeReply(
            epoch: epoch, acknowledged: worker.intake.acknowledged, assignments: worker.visible(to: request, now: now))
    }

    /// A sign of life. It prolongs the lease from now, its receipt; the agent counts from the sending.
    package mutating func renew(
        _ call: CallID, _ request: RenewRequest, credential: SecretHash, now: Moment
    ) -> [GatewayEffect] {
        var effects: [GatewayEffect]
        do throws(Refusal) {
            effects = try hear(request.workerUID, credential, incarnation: request.incarnation, epoch: request.epoch)
        } catch {
            return refuse(call, error, of: request.workerUID, credential, seen: request.epoch)
        }
        guard var worker = workers[request.workerUID] else { return effects }
        if request.number > worker.renewalNumber {
            worker.renewalNumber = request.number
            if let last = worker.renewal, now.instant - last.instant > worker.lease.lostAfter {
                worker.withholdUntil = now.instant + Self.withholding
                withheld.insert(request.workerUID)
            }
            worker.renewal = now
            workers[request.workerUID] = worker
        } else {
            counters.lateRenewals += 1
        }
        effects.append(.reply(call, .renewed(RenewReply(epoch: epoch, known: true))))
        return effects
    }
}
