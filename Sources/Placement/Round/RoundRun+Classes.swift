import Model

extension RoundRun {
    /// Settles for each plan which regions its freely placed tasks may use.
    mutating func chooseRegions() {
        regionSetOf = [Int?](repeating: nil, count: plans.count)
        struct Pair: Hashable {
            let profile: Int32
            let scope: Int
        }
        var free = [[Pair: Int]](repeating: [:], count: plans.count)
        var listed = [Set<String>](repeating: [], count: plans.count)
        for (index, task) in tasks.enumerated() {
            let plan = Int(planOf[index])
            if let region = task.region {
                listed[plan].insert(region)
            } else {
                free[plan][Pair(profile: facts.profileOf[index], scope: scopes.intern(Scope(task))), default: 0] += 1
            }
        }
        for plan in plans.indices where !free[plan].isEmpty {
            let pairs = free[plan].keys.sorted { ($0.profile, $0.scope) < ($1.profile, $1.scope) }
            var prices = [Money?](repeating: nil, count: facts.regions.count)
            var demands: [RegionChoice.Demand] = []
            var seen: Set<Bitmap> = []
            for pair in pairs {
                let masks = facts.profiles[Int(pair.profile)].masks
                let scope = scopes.values[pair.scope]
                var regions = Bitmap(count: facts.regions.count)
                for (index, candidate) in facts.candidates.enumerated() {
                    guard masks[index].isEmpty, let region = candidate.region, scope.mask(of: candidate, in: facts).isEmpty
                    else { continue }
                    regions.insert(region)
                    prices[region] = min(prices[region] ?? candidate.price, candidate.price)
                }
                if seen.insert(regions).inserted { demands.append(.init(regions: regions)) }
            }
            let choice = RegionChoice(
                plan: plans[plan], demands: demands, prices: prices, listed: listed[plan].sorted(), facts: facts)
            if !choice.scores.isEmpty { result.regions[plans[plan].key] = choice.scores }
            if let allowed = choice.allowed {
                regionSetOf[plan] = facts.regionSets.count
                facts.regionSets.append(allowed)
            }
        }
    }

    /// The class of a task, made when first met.
    mutating func classID(_ task: Int) -> Int {
        let plan = Int(planOf[task])
        var scope = Scope(tasks[task])
        if scope.region == nil { scope.regionSet = regionSetOf[plan] }
        var key = TaskClass.Key(
            profile: facts.profileOf[task], scope: Int32(scopes.intern(scope)), algorithm: plans[plan].algorithm)
        if plans[plan].headroom.isCapped { key.plan = planOf[task] }
        if ledger.capsSpend { key.p90 = tasks[task].duration.p90 }
        if !workerByUID.isEmpty && !tasks[task].avoidWorkers.isEmpty {
            let present = Set(tasks[task].avoidWorkers).compactMap { workerByUID[$0] }.sorted()
            key.avoid = Int32(avoidSets.intern(present))
        }
        if let id = classIDs[key] { return id }
        let id = classes.count
        classIDs[key] = id
        classes.append(makeClass(key, scope))
        return id
    }

    private mutating func makeClass(_ key: TaskClass.Key, _ scope: Scope) -> TaskClass {
        let profile = facts.profiles[Int(key.profile)]
        var made = TaskClass(key: key, profile: Int(key.profile), request: profile.request, scope: scope)
        made.avoided = avoidSets.values[Int(key.avoid)]
        made.masks.reserveCapacity(facts.candidates.count)
        for (index, candidate) in facts.candidates.enumerated() {
            let mask = profile.masks[index].union(scope.mask(of: candidate, in: facts))
            made.masks.append(mask)
            guard mask.isEmpty else { continue }
            made.baseline = max(made.baseline, candidate.share)
            if index < facts.workerCandidates {
                made.feasible.append((index, min(scope.tier(of: candidate.regionName), 254)))
            } else {
                made.pools.append(index - facts.workerCandidates)
            }
        }
        made.pools.sort { a, b in
            let (first, second) = (facts.pools[a], facts.pools[b])
            let tiers = (scope.tier(of: first.region), scope.tier(of: second.region))
            if tiers.0 != tiers.1 { return tiers.0 < tiers.1 }
            return first.costPerHour != second.costPerHour ? first.costPerHour < second.costPerHour : a < b
        }
        recordRejections(&made)
        if key.algorithm == .leastLoaded { fillQueues(&made, profile) } else { fillTiers(&made) }
        return made
    }

    private mutating func fillTiers(_ made: inout TaskClass) {
        let order = workerOrder(made.key.algorithm)
        var tiers: [Int: Bitmap] = [:]
        for (candidate, tier) in made.feasible {
            for worker in facts.candidates[candidate].members {
                let tier = made.avoided.contains(worker) ? min(made.scope.lastTier, 255) : tier
                tiers[tier, default: Bitmap(count: facts.workers.count)].insert(Int(order.rankOf[Int(worker)]))
            }
        }
        made.tiers = tiers.sorted { $0.key < $1.key }.map { TaskClass.Tier(ranks: $0.value) }
    }

    private mutating func fillQueues(_ made: inout TaskClass, _ profile: Profile) {
        var entries: [TaskClass.QueueEntry] = []
        func add(_ queue: Int32, _ tier: Int, _ run: inout RoundRun) {
            guard let best = run.loadQueues.best(queue, run.facts, run.free) else { return }
            entries.append(.init(key: UInt64(tier) << 56 | best, queue: queue))
        }
        for (candidate, tier) in made.feasible {
            let members = facts.candidates[candidate].members
            let avoided = made.avoided.isEmpty ? [] : members.filter { made.avoided.contains($0) }
            if avoided.isEmpty {
                let queue = loadQueues.queue(
                    shape: profile.shape, request: profile.request, candidate: candidate, of: facts, free: free)
                add(queue, tier, &self)
            } else {
                let others = members.filter { !made.avoided.contains($0) }
                add(loadQueues.add(others, profile.request, facts, free), tier, &self)
                add(loadQueues.add(avoided, profile.request, facts, free), min(made.scope.lastTier, 255), &self)
            }
        }
        made.loads = MinHeap(entries)
    }

    mutating func workerOrder(_ algorithm: SchedulingAlgorithm) -> WorkerOrder {
        if let order = orders[algorithm] { return order }
        let order = WorkerOrder(algorithm, facts.workers)
        orders[algorithm] = order
        return order
    }
}
