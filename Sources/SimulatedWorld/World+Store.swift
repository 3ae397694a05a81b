import Coordinator
import Engine
import Model
import Ports
import Storage

// The store: the production core behind a wire that can lose what goes over it.
extension World {
    /// How the store fails now: whether what it is asked for is applied all the same.
    var storeFailure: Bool? {
        for fault in activeFaults { if case .storeFails(let applied) = fault.kind { return applied } }
        return nil
    }

    mutating func storeLatency() -> Duration { .microseconds(Int64(chance.within(100...3000))) }

    mutating func commitLatency() -> Duration {
        activeFaults.reduce(storeLatency()) { latency, fault in
            if case .slowStore(let more) = fault.kind { latency + more } else { latency }
        }
    }

    mutating func commitArrives(_ index: Int, _ id: UInt64, _ batch: Batch) {
        decidedAt = controllers[index].decided.removeValue(forKey: id)
        defer { decidedAt = nil }
        if storeFailure == false {
            let error = StoreError(.unavailable(unknownOutcome: false), "the store can't be reached")
            return add(.toController(index, .committed(id, .failure(error))), after: storeLatency())
        }
        let result = commit(batch, by: index)
        if storeFailure == true {
            let error = StoreError(.unavailable(unknownOutcome: true), "no answer within a second")
            return add(.toController(index, .committed(id, .failure(error))), after: .seconds(1))
        }
        add(.toController(index, .committed(id, result.map { tampered($0) })), after: storeLatency())
    }

    /// Applies a batch, and shows the witness what became of it.
    @discardableResult
    mutating func commit(_ batch: Batch, by controller: Int?) -> Result<CommitReceipt, StoreError> {
        var asked = batch
        if scenario.mutant == .epoch, controller != nil { asked.epoch = nil }
        let before = batch.writes.map { store.get($0.key) }
        let former = triesStore ? store : nil
        var changes: [StoredChange] = []
        if controller != nil { judgeStanding(batch) }
        let result = store.commit(asked)
        switch result {
        case .success(let receipt):
            trace.mix(receipt.version)
            if let former {
                tryStore(former, asked)
                judgeWatch(since: former.version, receipt, asked)
                judgeList(of: former)
            }
            if let controller, controllers[controller].epoch < witness.epoch {
                let keys = batch.writes.map { "\($0.key)" }.joined(separator: ", ")
                fail(.fencing, "epoch \(controllers[controller].epoch) wrote \(keys) after \(witness.epoch) began")
            }
            if former != nil, let leader = aliveControllers.last { tryOlder(leader, before) }
            for (index, (write, object)) in zip(batch.writes, receipt.objects).enumerated() {
                trace.say(now, "commit \(write.key) \(object.map { Witness.gist($0.tree) } ?? "removed")")
                inspect(write.key, object)
                let change = StoredChange(key: write.key, before: before[index], after: object, by: controller)
                judgeChange(change)
                changes.append(change)
            }
            judgeRound(changes)
            judgeChildren(changes)
            for other in aliveControllers { pullWatch(other) }
        case .failure(let error):
            judgeConflict(error, controller)
            witness.mark("refused \(Mark.name(error))")
            trace.say(now, "commit refused: \(error)")
        }
        return result
    }

    mutating func readArrives(_ index: Int, _ keys: [ObjectKey]) {
        guard storeFailure == nil else { return add(.readArrives(index, keys), after: .milliseconds(500)) }
        for key in keys {
            add(.toController(index, .refreshed(key, store.get(key), asOf: store.version)), after: storeLatency())
        }
    }

    // MARK: Watches

    mutating func pullWatch(_ index: Int) {
        guard !controllers[index].watchIsBroken else { return }
        var delay = Duration.microseconds(Int64(chance.within(50...5000)))
        for fault in activeFaults { if case .slowWatch(let more) = fault.kind { delay += more } }
        while true {
            guard let events = try? controllers[index].watch.pull(from: store, limit: scenario.delivery) else {
                return breakWatch(index)
            }
            if events.isEmpty { return }
            let at = max(now + delay, controllers[index].lastDelivery)
            controllers[index].lastDelivery = events.count < scenario.delivery ? at : at + chance.milliseconds(0...40)
            controllers[index].undelivered.append(tampered(events))
            agenda.add(.watchDelivery(index), at: at)
        }
    }

    mutating func deliverWatch(_ index: Int) {
        guard controllers[index].isAlive, !controllers[index].undelivered.isEmpty else { return }
        if controllers[index].frozenUntil > now {
            return agenda.add(.watchDelivery(index), at: controllers[index].frozenUntil)
        }
        tell(index, .store(controllers[index].undelivered.removeFirst()))
    }

    /// What was not delivered is lost; the shell lists and watches from there.
    mutating func breakWatch(_ index: Int, for gap: Duration? = nil) {
        guard controllers[index].isAlive, !controllers[index].watchIsBroken else { return }
        trace.say(now, "watch of controller \(index) breaks")
        controllers[index].watchIsBroken = true
        controllers[index].undelivered = []
        add(.relist(index), after: gap ?? chance.milliseconds(10...1000))
    }

    mutating func relist(_ index: Int) {
        guard controllers[index].isAlive else { return }
        let list = store.list(StoreQuery())
        tryRelist(index, list)
        guard storeFailure == nil, let watch = try? store.watch(StoreQuery(), from: list.version) else {
            return add(.relist(index), after: .milliseconds(500))
        }
        controllers[index].watch = watch
        controllers[index].watchIsBroken = false
        let at = max(now + storeLatency(), controllers[index].lastDelivery)
        controllers[index].lastDelivery = at
        agenda.add(
            .toController(index, .relisted(ListResult(objects: tampered(list.objects), version: list.version))), at: at)
        pullWatch(index)
    }
}
