import Model

extension RoundRun {
    /// Settles for each plan which regions its freely placed tasks may use.
    mutating func chooseRegions() {
        struct Pair: Hashable {
            let profile: Int32
            let scope: Int32
        }
        regionsOf = [Int32](repeating: -1, count: plans.count)
        var free = [Set<Pair>](repeating: [], count: plans.count)
        var listed = [Set<String>](repeating: [], count: plans.count)
        for index in tasks.indices {
            let plan = Int(planOf[index])
            if let region = scopes.values[Int(scopeOf[index])].region {
                listed[plan].insert(region)
            } else {
                free[plan].insert(Pair(profile: facts.profileOf[index], scope: scopeOf[index]))
            }
        }
        var reaches: [Pair: (regions: Bitmap, prices: [Money?])] = [:]
        for plan in plans.indices where !free[plan].isEmpty {
            var prices = [Money?](repeating: nil, count: facts.regions.count)
            var demands: Set<Bitmap> = []
            for pair in free[plan] {
                let reach = reaches[pair] ?? self.reach(pair.profile, pair.scope)
                reaches[pair] = reach
                demands.insert(reach.regions)
                for region in prices.indices {
                    guard let price = reach.prices[region] else { continue }
                    prices[region] = min(prices[region] ?? price, price)
                }
            }
            let choice = RegionChoice(
                plan: plans[plan], demands: demands.sorted { $0.words.lexicographicallyPrecedes($1.words) },
                prices: prices, listed: listed[plan].sorted(), facts: facts)
            if !choice.scores.isEmpty { result.regions[plans[plan].key] = choice.scores }
            if let allowed = choice.allowed {
                regionsOf[plan] = Int32(regionChoices.count)
                regionChoices.append(allowed)
            }
        }
    }

    /// The regions where such a task has a worker or a pool, and the cheapest price in each.
    private mutating func reach(_ profile: Int32, _ scope: Int32) -> (regions: Bitmap, prices: [Money?]) {
        let (masks, others) = (facts.profiles[Int(profile)].masks, scopeMasks(scope))
        var regions = Bitmap(count: facts.regions.count)
        var prices = [Money?](repeating: nil, count: facts.regions.count)
        for index in masks.indices where masks[index].isEmpty && others[index].isEmpty {
            let (region, price) = (facts.candidates[index].region, facts.candidates[index].price)
            regions.insert(region)
            prices[region] = min(prices[region] ?? price, price)
        }
        return (regions, prices)
    }

    private mutating func scopeMasks(_ id: Int32) -> [FieldMask] {
        if let masks = masksOfScope[id] { return masks }
        let scope = scopes.values[Int(id)]
        let masks = facts.candidates.map { scope.mask(of: $0, in: facts) }
        masksOfScope[id] = masks
        return masks
    }

    /// The class of a task, made when first met.
    mutating func classID(_ task: Int) -> Int {
        let plan = Int(planOf[task])
        let isListed = scopes.values[Int(scopeOf[task])].region != nil
        var key = Fit.Key(
            profile: facts.profileOf[task], scope: scopeOf[task], ordinal: plans[plan].algorithm.ordinal,
            regions: isListed ? -1 : regionsOf[plan], avoid: 0)
        if !workerByUID.isEmpty && !tasks[task].avoidWorkers.isEmpty {
            let present = Set(tasks[task].avoidWorkers).compactMap { workerByUID[$0] }.sorted()
            key.avoid = Int32(avoidSets.intern(present))
        }
        var classKey = TaskClass.Key(fit: Int32(fitID(key, plans[plan].algorithm)))
        if ledger.isCapped(plan) { classKey.plan = planOf[task] }
        if ledger.capsSpend || knowsEnds { classKey.p90 = tasks[task].duration.p90 }
        classKey.isManual = !plans[plan].mayScale
        if let id = classIDs[classKey] { return id }
        classIDs[classKey] = classes.count
        classes.append(TaskClass(key: classKey, fit: Int(classKey.fit)))
        return classes.count - 1
    }

    private mutating func fitID(_ key: Fit.Key, _ algorithm: SchedulingAlgorithm) -> Int {
        if let id = fitIDs[key] { return id }
        fitIDs[key] = fits.count
        fits.append(makeFit(key, algorithm))
        return fits.count - 1
    }

    private mutating func makeFit(_ key: Fit.Key, _ algorithm: SchedulingAlgorithm) -> Fit {
        let profile = facts.profiles[Int(key.profile)]
        let scope = scopes.values[Int(key.scope)]
        var fit = Fit(
            key: key, algorithm: algorithm, request: profile.request,
            shares: LoadTable.Shares(profile.request) { Double($0) }, scope: scope,
            allowed: key.regions < 0 ? nil : regionChoices[Int(key.regions)])
        fit.masks = zip(profile.masks, scopeMasks(key.scope)).map { $0.union($1) }
        for index in fit.masks.indices {
            let region = facts.candidates[index].region
            if let allowed = fit.allowed, region >= 0, !allowed.regions.contains(region) {
                fit.masks[index].fail(.maxRegions, if: true)
            }
            if facts.candidates[index].isComing, fit.masks[index].isSubset(of: FieldMask(.state)) {
                fit.coming.append(index)
            }
            guard fit.masks[index].isEmpty else { continue }
            fit.baseline = max(fit.baseline, facts.candidates[index].share)
            if index < facts.workerCandidates {
                fit.feasible.append((index, min(scope.tier(of: facts.candidates[index].regionName), 254)))
            } else {
                fit.offers.append(index - facts.workerCandidates)
            }
        }
        let ranked = fit.offers.map { offer in
            let candidate = facts.candidates[facts.workerCandidates + offer]
            return (tier: scope.tier(of: candidate.regionName), price: candidate.price, offer: offer)
        }
        fit.offers = ranked.sorted { ($0.tier, $0.price, $0.offer) < ($1.tier, $1.price, $1.offer) }.map(\.offer)
        recordRejections(&fit)
        if algorithm == .leastLoaded {
            fit.left.loads = loads(of: fit)
        } else {
            fit.left.tiers = tiers(of: fit)
        }
        return fit
    }

    private mutating func tiers(of fit: Fit) -> [Fit.Tier] {
        let rankOf = workerOrder(fit.algorithm).rankOf
        let avoided = avoidSets.values[Int(fit.key.avoid)]
        var numbers = Set(fit.feasible.map(\.tier))
        let last = min(fit.scope.lastTier, 255)
        if !avoided.isEmpty { numbers.insert(last) }
        return numbers.sorted().map { number in
            var ranks = Bitmap(count: facts.workers.count)
            for (candidate, tier) in fit.feasible where tier == number {
                for worker in facts.candidates[candidate].members { ranks.insert(Int(rankOf[Int(worker)])) }
            }
            for worker in avoided {
                let rank = Int(rankOf[Int(worker)])
                if number == last, fit.masks[Int(facts.candidateOf[Int(worker)])].isEmpty {
                    ranks.insert(rank)
                } else {
                    ranks.remove(rank)
                }
            }
            return Fit.Tier(ranks: ranks)
        }
    }

    private func loads(of fit: Fit) -> MinHeap<UInt64> {
        let avoided = avoidSets.values[Int(fit.key.avoid)]
        let last = min(fit.scope.lastTier, 255)
        var entries: [UInt64] = []
        for (candidate, tier) in fit.feasible {
            // Alike workers mostly have the same free, so the load just worked out mostly serves again.
            var known: (free: Amounts, load: UInt64)?
            for worker in facts.candidates[candidate].members {
                let free = free[Int(worker)]
                if let known, known.free == free {
                } else {
                    guard free.holds(fit.request) else { continue }
                    known = (free, loadTable.load(Int(worker), fit.shares))
                }
                let tier = !avoided.isEmpty && avoided.contains(worker) ? last : tier
                entries.append(UInt64(tier) << 56 | (known?.load ?? 0) << 32 | UInt64(worker))
            }
        }
        return MinHeap(entries)
    }

    mutating func workerOrder(_ algorithm: SchedulingAlgorithm) -> WorkerOrder {
        if let order = orders[algorithm.ordinal] { return order }
        let order = WorkerOrder(algorithm, facts.workers)
        orders[algorithm.ordinal] = order
        return order
    }
}

extension SchedulingAlgorithm {
    /// Cheaper to hash and to index by than the name.
    var ordinal: Int {
        switch self {
        case .roundRobin: 0
        case .leastLoaded: 1
        case .priority: 2
        case .costOptimized: 3
        }
    }
}
