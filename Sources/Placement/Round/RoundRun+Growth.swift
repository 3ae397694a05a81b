import Model

/// A worker that tasks are meant for and that takes none yet: one on its way, or one to be rented.
struct Berth {
    /// Index into `Facts.workers`, or beyond them for one that is yet to be rented.
    let worker: Int
    let candidate: Int
    let pool: Int
    let slot: Int
    var free: Amounts
    var tasks = 0
}

// What present workers have no room for: berths on workers that are on their way, and on such as are to be rented.
extension RoundRun {
    /// Whether a worker on its way or a new one could take tasks of the class, and money be there for it.
    func mayGrow(_ task: Int, _ plan: Int, _ id: Int) -> Bool {
        let fit = fits[classes[id].fit]
        if !fit.coming.isEmpty { return true }
        return fit.offers.contains { offer in
            facts.pools[facts.offers[offer].pool].room > 0
                && ledger.admits(charge(task, plan, candidate: facts.workerCandidates + offer, worker: -1, isNew: true))
        }
    }

    /// Finds a berth for every task that was put off; those that get none are told why, and give their place among the
    /// tasks that their plan may start back.
    mutating func growAll() {
        guard !putOff.isEmpty else { return }
        boardComing()
        var before = Int.max
        while !putOff.isEmpty, putOff.count < before {
            before = putOff.count
            buyBest()
        }
        buyInOrder()
        for task in leaders { growForMore(task) }
        for task in putOff {
            let id = classID(task)
            startable[Int(planOf[task])] += 1
            noteRefusals(task, id)
            for _ in 0...tasks[task].more { guard ask(id) else { break } }
        }
        // The advice is complete now, and what is told names it.
        for task in putOff {
            let id = classID(task)
            wait(task, id, verdict(id))
        }
        putOff = []
    }

    /// Counts a task as demand of a pool that can't bring a worker for it by itself.
    private mutating func ask(_ id: Int) -> Bool { classes[id].key.isManual ? advise(id) : wish(id) }

    /// Counts a task of a plan that leaves scaling to a person towards the size that is recommended to him.
    private mutating func advise(_ id: Int) -> Bool {
        let fit = fits[classes[id].fit]
        for offer in fit.offers {
            let pool = facts.offers[offer].pool
            guard facts.pools[pool].blocked == nil else { continue }
            let size = facts.candidates[facts.workerCandidates + offer].capacity
            if !needs[pool].advisedFree.holds(fit.request) {
                guard advisedSize(pool) < facts.pools[pool].limit, size.holds(fit.request) else { continue }
                needs[pool].advised.workers += 1
                needs[pool].advisedFree = size
            }
            needs[pool].advisedFree -= fit.request
            needs[pool].advised.tasks += 1
            return true
        }
        return false
    }

    /// How many workers a pool would have that follows what is recommended.
    func advisedSize(_ pool: Int) -> Int { facts.pools[pool].live + needs[pool].opened + needs[pool].advised.workers }

    /// Counts a task as demand of the first pool that a budget alone keeps from bringing a worker for it. Were that
    /// hidden, the pool would take its demand for met, lift the block, and be asked again.
    mutating func wish(_ id: Int) -> Bool {
        let fit = fits[classes[id].fit]
        for offer in fit.offers {
            let pool = facts.offers[offer].pool
            guard facts.pools[pool].isShortOfMoney else { continue }
            let size = facts.candidates[facts.workerCandidates + offer].capacity
            if !needs[pool].wishedFree.holds(fit.request) {
                guard facts.pools[pool].live + needs[pool].wished < facts.pools[pool].maxWorkers,
                    size.holds(fit.request)
                else { continue }
                needs[pool].wished += 1
                needs[pool].wishedFree = size
            }
            needs[pool].wishedFree -= fit.request
            needs[pool].tasks += 1
            return true
        }
        return false
    }

    func poolNeeds() -> [PoolNeed] {
        facts.pools.indices.filter { needs[$0].tasks > 0 || needs[$0].advised.tasks > 0 }.map { index in
            let (pool, need) = (facts.pools[index], needs[index])
            var told = PoolNeed(
                pool: pool.key, tasks: need.tasks, workers: pool.provisioning + need.opened + need.wished,
                types: pool.types.isEmpty ? [:] : need.types.compactMapValues { $0 })
            told.advised = need.advised
            return told
        }
    }

    // MARK: Workers on their way

    /// First those who have a reservation, then in order whoever fits what is left.
    private mutating func boardComing() {
        for (index, worker) in facts.workers.enumerated() where worker.isComing {
            let candidate = Int(facts.candidateOf[index])
            berths.append(
                Berth(
                    worker: index, candidate: candidate, pool: facts.candidates[candidate].poolIndex,
                    slot: worker.slot, free: free[index]))
        }
        guard !berths.isEmpty else { return }
        var slots: [Slot: Int] = [:]
        for (index, berth) in berths.enumerated() {
            slots[Slot(pool: facts.candidates[berth.candidate].pool, number: berth.slot)] = index
        }
        putOff = putOff.filter { task in
            guard let wanted = tasks[task].reservation else { return true }
            let pool = ObjectKey(.workerPool, tasks[task].key.namespace, wanted.pool)
            return slots[Slot(pool: pool, number: wanted.slot)].map { !board(task, $0) } ?? true
        }
        // Room only shrinks: where one of a class found none, the next of it need not look again.
        var from: [Int: Int] = [:]
        putOff = putOff.filter { task in
            let id = classID(task)
            for berth in (from[id] ?? 0)..<berths.count where board(task, berth) {
                from[id] = berth
                return false
            }
            from[id] = berths.count
            return true
        }
    }

    private struct Slot: Hashable {
        let pool: ObjectKey
        let number: Int
    }

    /// Gives the task a place on the berth if it fits and can be paid for.
    private mutating func board(_ task: Int, _ index: Int) -> Bool {
        guard fill(task, index) else { return false }
        if tasks[task].more > 0 { leaders.append(task) }
        let berth = berths[index]
        let told = berth.pool >= 0 ? provisioning(berth.pool) : verdict(classID(task))
        let reservation = berth.pool >= 0 ? Reservation(pool: facts.pools[berth.pool].key.name, slot: berth.slot) : nil
        wait(
            task, classID(task), told, pool: facts.candidates[berth.candidate].pool, reservation: reservation)
        return true
    }

    /// Takes the room and the money for one such task.
    private mutating func fill(_ task: Int, _ index: Int) -> Bool {
        let (id, plan) = (classID(task), Int(planOf[task]))
        let (fit, berth) = (classes[id].fit, berths[index])
        let isNew = berth.worker >= facts.workers.count
        let mask = fits[fit].masks[berth.candidate]
        guard isNew ? mask.isEmpty : mask.isSubset(of: FieldMask(.state)), berth.free.holds(fits[fit].request) else {
            return false
        }
        let charge = charge(task, plan, candidate: berth.candidate, worker: berth.worker, isNew: isNew)
        guard ledger.admits(charge) else { return false }
        ledger.reserve(charge)
        berths[index].free -= fits[fit].request
        berths[index].tasks += 1
        if berth.pool >= 0 { needs[berth.pool].tasks += 1 }
        return true
    }

    /// Those behind a task that are not in the input themselves count as demand with it, as far as there is room, money
    /// and leave of their plan.
    private mutating func growForMore(_ task: Int) {
        let (id, plan) = (classID(task), Int(planOf[task]))
        var (left, from) = (tasks[task].more, 0)
        while left > 0, startable[plan] > 0 {
            if from < berths.count {
                if fill(task, from) { (left, startable[plan]) = (left - 1, startable[plan] - 1) } else { from += 1 }
                continue
            }
            guard open(id, task).contains(where: { addBerth($0, task) }) else { break }
            (left, startable[plan]) = (left - 1, startable[plan] - 1)
            from = berths.count - 1
        }
        while left > 0, startable[plan] > 0, ask(id) { left -= 1 }
    }

    /// A new worker with one such task on it.
    private mutating func addBerth(_ offer: Int, _ task: Int) -> Bool {
        let berth = rent(offer)
        if fill(task, berth) { return true }
        giveBack(berth)
        return false
    }

    // MARK: New workers

    /// Rents what holds all that is left at least cost, each task on the first tier of its policy that can grow.
    private mutating func buyBest() {
        var members: [Int: [Int]] = [:]
        var order: [Int] = []
        for task in putOff.reversed() {
            let id = classID(task)
            if members[id] == nil { order.append(id) }
            members[id, default: []].append(task)
        }
        let groups = order.map { id in
            Purchase.Group(request: fits[classes[id].fit].request, count: members[id]?.count ?? 0)
        }
        var runs = [[Int]](repeating: [], count: facts.offers.count)
        for (group, id) in order.enumerated() {
            for offer in open(id, members[id]?.first ?? 0) { runs[offer].append(group) }
        }
        let used = runs.indices.filter { !runs[$0].isEmpty }
        guard !used.isEmpty else { return }
        let offers = used.map { index in
            let candidate = facts.candidates[facts.workerCandidates + index]
            return Purchase.Offer(
                size: candidate.capacity, price: max(1, candidate.price.micros), pool: facts.offers[index].pool,
                groups: runs[index])
        }
        let eligible = Set(runs.joined()).reduce(0) { $0 + groups[$1].count }
        let limits = facts.pools.indices.map { max(0, facts.pools[$0].room - needs[$0].opened) }
        var purchase = Purchase(groups, offers, limits: limits)
        let lots = purchase.best()
        // Where not all can have a place, those who come first have the choice.
        let placed = lots.reduce(0) { $0 + $1.items.reduce(0) { $0 + $1.count } * $1.times }
        guard placed == eligible else { return }
        let saved = self
        var boarded: Set<Int> = []
        for lot in lots {
            for _ in 0..<lot.times {
                let berth = rent(used[lot.offer])
                for item in lot.items {
                    for _ in 0..<item.count {
                        guard let task = members[order[item.group]]?.popLast() else { break }
                        if board(task, berth) { boarded.insert(task) }
                    }
                }
                giveBack(berth)
            }
        }
        if boarded.count < eligible {
            self = saved
        } else {
            putOff.removeAll(where: boarded.contains)
        }
    }

    /// The offers of the first tier that can grow and that the class can pay for.
    private func open(_ id: Int, _ task: Int) -> [Int] {
        guard !classes[id].key.isManual else { return [] }
        let fit = fits[classes[id].fit]
        var (tier, found) = (Int.max, [Int]())
        for offer in fit.offers {
            let pool = facts.pools[facts.offers[offer].pool]
            guard pool.room > needs[facts.offers[offer].pool].opened else { continue }
            let own = fit.scope.tier(of: pool.region)
            guard own <= tier else { break }
            let candidate = facts.workerCandidates + offer
            guard ledger.admits(charge(task, Int(planOf[task]), candidate: candidate, worker: -1, isNew: true)) else {
                continue
            }
            tier = own
            found.append(offer)
        }
        return found.sorted()
    }

    /// First fit in order, on new workers too: what is left where a limit or a budget stops the rest.
    private mutating func buyInOrder() {
        // As above: what one of a class found full is full for the next.
        var from: [Int: Int] = [:]
        putOff = putOff.filter { task in
            let id = classID(task)
            for berth in (from[id] ?? 0)..<berths.count
            where berths[berth].worker >= facts.workers.count && board(task, berth) {
                from[id] = berth
                return false
            }
            for offer in open(id, task) {
                let berth = rent(offer)
                from[id] = berth
                if board(task, berth) { return false }
                giveBack(berth)
            }
            from[id] = berths.count
            return true
        }
    }

    /// A berth on a new worker, in the lowest slot of the pool that is free.
    private mutating func rent(_ offer: Int) -> Int {
        let (pool, candidate) = (facts.offers[offer].pool, facts.workerCandidates + offer)
        var slot = needs[pool].nextSlot
        while facts.pools[pool].slotsTaken.contains(slot) { slot += 1 }
        needs[pool].nextSlot = slot + 1
        needs[pool].opened += 1
        needs[pool].types[slot] = facts.offers[offer].type
        berths.append(
            Berth(
                worker: facts.workers.count + berths.count, candidate: candidate, pool: pool, slot: slot,
                free: facts.candidates[candidate].capacity))
        return berths.count - 1
    }

    /// Takes the last berth back if nobody boarded it.
    private mutating func giveBack(_ index: Int) {
        let berth = berths[index]
        guard berth.tasks == 0, index == berths.count - 1 else { return }
        needs[berth.pool].nextSlot = berth.slot
        needs[berth.pool].opened -= 1
        needs[berth.pool].types[berth.slot] = nil
        berths.removeLast()
    }

    /// What a budget kept from being rented, for the message.
    mutating func noteRefusals(_ task: Int, _ id: Int) {
        for offer in fits[classes[id].fit].offers where facts.pools[facts.offers[offer].pool].room > 0 {
            let candidate = facts.workerCandidates + offer
            guard !ledger.admits(charge(task, Int(planOf[task]), candidate: candidate, worker: -1, isNew: true)) else {
                continue
            }
            classes[id].noteRefused(candidate, facts)
            classes[id].verdict = nil
        }
    }
}

/// What a pool is asked for.
struct PoolWish {
    var tasks = 0
    /// New workers.
    var opened = 0
    var nextSlot = 0
    var types: [Int: String?] = [:]
    /// Those that a budget keeps it from, and what is free on the last of them.
    var wished = 0
    var wishedFree = Amounts.none
    /// Likewise of those that a person is asked for.
    var advised = PoolNeed.Advice()
    var advisedFree = Amounts.none
}
