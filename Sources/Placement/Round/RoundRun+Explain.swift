import Model

extension RoundRun {
    /// Why nothing is left for a class: the law first, then what can never be, then what is taken.
    func explain(_ id: Int) -> TaskClass.Verdict {
        let made = fits[classes[id].fit]
        if made.feasible.isEmpty && made.offers.isEmpty { return infeasible(made) }
        if let refused = classes[id].refusedByBudget, let sentence = budgetRefusal(classes[id].key, refused) {
            return .init(reason: .budgetExceeded, message: sentence)
        }
        return noRoom(id, made)
    }

    private func budgetRefusal(_ key: TaskClass.Key, _ candidate: Int) -> String? {
        let dearest = facts.candidates[candidate]
        // A class without a plan is of plans without caps, and any of those will do.
        let plan = key.plan >= 0 ? Int(key.plan) : plans.indices.first { !ledger.isCapped($0) } ?? 0
        let charge = Ledger.Charge(
            plan: plan, region: dearest.region, pool: dearest.poolIndex, worker: -1, price: dearest.price.micros,
            p90: key.p90, isNew: candidate >= facts.workerCandidates)
        return ledger.refusal(charge).map { "the cheapest worker left costs too much: \($0)" }
    }

    /// Something fits, but is full, and no pool that fits has room.
    private func noRoom(_ id: Int, _ made: Fit) -> TaskClass.Verdict {
        if classes[id].key.isManual, let pool = made.offers.map({ facts.offers[$0].pool }).first(where: isAdvised) {
            return .init(reason: .scaleRecommended, message: "\(fitting(made)); \(recommendation(pool))")
        }
        var seen: Set<Int> = []
        let growing = made.offers.map { facts.offers[$0].pool }.filter { seen.insert($0).inserted }.map {
            facts.pools[$0]
        }
        if let blocked = growing.first(where: { $0.blocked != nil })?.blocked,
            !growing.contains(where: { $0.blocked == nil && $0.room > 0 })
        {
            return .init(reason: blocked.reason, message: "\(fitting(made)); \(blocked.message)")
        }
        let limits = growing.map { "pool \($0.key.name) is at its most (\($0.maxWorkers))" }
        let most = limits.isEmpty ? "no pool of theirs can grow" : list(limits)
        if made.feasible.isEmpty && !growing.contains(where: { $0.live > 0 || $0.room > 0 }) {
            return .init(reason: .noFeasibleWorker, message: "\(countText(made)); \(most)")
        }
        return .init(reason: .concurrencyLimit, message: "\(fitting(made)); \(most)")
    }

    private func isAdvised(_ pool: Int) -> Bool { needs[pool].advised.tasks > 0 }

    private func recommendation(_ pool: Int) -> String {
        let key = facts.pools[pool].key
        return
            "`scaling: Manual` of its plan leaves it to you to rent more: "
            + "reconcile scale wpool/\(key.name) -n \(key.namespace) --replicas \(advisedSize(pool))"
    }

    private func fitting(_ made: Fit) -> String {
        if made.feasible.isEmpty { return countText(made) }
        var count = 0
        var used: Int64 = 0
        var slots: Int64 = 0
        for (candidate, _) in made.feasible {
            for worker in facts.candidates[candidate].members {
                count += 1
                let total = facts.candidates[candidate].capacity.slots
                slots += total
                used += total - free[Int(worker)].slots
            }
        }
        let all = own(made, in: 0..<facts.workerCandidates).reduce(0) { $0 + facts.candidates[$1].members.count }
        let alone = made.request.isAlone ? "; it is to run alone, as it was lost with its worker again and again" : ""
        return "no room on the \(count) of \(all) workers that fit (\(used) of \(slots) slots taken)\(alone)"
    }

    private func infeasible(_ made: Fit) -> TaskClass.Verdict {
        var lawfulButOut = FieldMask()
        var onlyUnlawful = 0
        var isProvisioning = false
        for (index, mask) in made.masks.enumerated() {
            if mask.isSubset(of: .outage) {
                lawfulButOut.formUnion(mask)
                isProvisioning = isProvisioning || facts.candidates[index].isProvisioning
            }
            if mask.isSubset(of: .residency) {
                onlyUnlawful += index < facts.workerCandidates ? facts.candidates[index].members.count : 1
            }
        }
        if onlyUnlawful > 0 {
            return .init(reason: .residencyBlocked, message: residency(made, unlawful: onlyUnlawful))
        }
        let message = countText(made)
        if lawfulButOut.contains(FieldMask(.circuitOpen)) {
            return .init(reason: .circuitOpen, message: message)
        }
        if isProvisioning && lawfulButOut == FieldMask(.state) {
            return .init(reason: .provisioningWorkers, message: message)
        }
        return .init(reason: .noFeasibleWorker, message: message + nearest(made))
    }

    /// Of those that the task's namespace has: what others have is none of its business, not even how much it is.
    /// `0 of 5 workers fit: 2 GPU (needs 1, has 0), 3 capabilities (missing backend)`.
    private func countText(_ made: Fit) -> String {
        // Failed ones, of which an outage may leave many, do not count beside others.
        let all = own(made, in: 0..<facts.workerCandidates)
        let living = all.filter { !facts.candidates[$0].hasFailed }
        let workers = living.isEmpty ? all : living
        let count = workers.reduce(0) { $0 + facts.candidates[$1].members.count }
        guard count == 0 else { return "0 of \(count) workers fit" + fields(made, in: workers) }
        let pools = own(made, in: facts.workerCandidates..<facts.candidates.count)
        if pools.isEmpty { return "there are no workers and no pools" }
        let what = facts.offers.count == facts.pools.count ? "pools" : "kinds of worker"
        return "there are no workers, and 0 of \(pools.count) \(what) fit" + fields(made, in: pools)
    }

    /// Candidates of the task's own namespace.
    func own(_ made: Fit, in range: Range<Int>) -> [Int] {
        range.filter { facts.candidates[$0].pool.namespace == made.scope.namespace }
    }

    private func fields(_ made: Fit, in candidates: [Int]) -> String {
        var counts: [PlacementField: Int] = [:]
        var nearest: [PlacementField: Rejection] = [:]
        for index in candidates {
            let mask = made.masks[index]
            guard !mask.isEmpty, let field = mask.first else { continue }
            let candidate = facts.candidates[index]
            counts[field, default: 0] += max(1, candidate.members.count)
            let rejection = rejection(field, made, candidate)
            if let best = nearest[field], best.distance <= rejection.distance { continue }
            nearest[field] = rejection
        }
        let parts = PlacementField.allCases.compactMap { field in
            nearest[field].map { "\(counts[field] ?? 0) \($0.text)" }
        }
        return parts.isEmpty ? "" : ": " + parts.joined(separator: ", ")
    }

    private func residency(_ made: Fit, unlawful: Int) -> String {
        let requires = facts.profiles[Int(made.key.profile)].requires
        var rules = requires.regulations
        if let locality = requires.dataLocality, !locality.regions.isEmpty {
            rules.append("data locality of \(locality.dataset ?? "its data")")
        }
        let lawful = facts.regions.filter { requires.mask(of: $0).isDisjoint(with: .residency) }.map {
            region in
            region.down
                ? "\(region.name) (down)" : region.circuitOpen ? "\(region.name) (circuit open)" : region.name
        }
        let rule = list(rules)
        let where_ =
            lawful.isEmpty
            ? "no region satisfies \(rule)" : "\(rule) allows only \(list(lawful)), with nothing that fits"
        return "\(where_); \(unlawful) elsewhere would fit and may not take it"
    }

    /// `; nearest offering: g4dn.xlarge in us-east-1 at $0.526/h`, where other hardware is what is missing.
    private func nearest(_ made: Fit) -> String {
        let own = own(made, in: 0..<facts.candidates.count)
        let missing = own.reduce(into: FieldMask()) { $0.formUnion(made.masks[$1]) }
        let requires = facts.profiles[Int(made.key.profile)].requires
        guard !missing.isDisjoint(with: .hardware) else { return "" }
        var best: (price: Money, offering: Offering, region: String)?
        for region in facts.regions where region.isUsable && requires.mask(of: region).isEmpty {
            if let wanted = made.scope.region, wanted != region.name { continue }
            if let allowed = made.scope.policy.allowed, !allowed.contains(region.name) { continue }
            guard let provider = region.provider, let found = Catalog.cheapest(provider, fitting: requires)
            else { continue }
            let price = found.price(multiplier: region.multiplier)
            if let cap = requires.maxCostPerHour, price > cap { continue }
            if best.map({ price < $0.price }) ?? true { best = (price, found, region.name) }
        }
        guard let best else { return "" }
        return "; nearest offering: \(best.offering.name) in \(best.region) at \(rateText(best.price))"
    }

    /// The rejection behind one failed field of a mask.
    func rejection(_ field: PlacementField, _ made: Fit, _ candidate: Candidate) -> Rejection {
        let requires = facts.profiles[Int(made.key.profile)].requires
        let region = candidate.region >= 0 ? facts.regions[candidate.region] : nil
        let capacity = candidate.capacity
        switch field {
        case .namespace: return .namespace(needs: made.scope.namespace)
        case .region: return .region(needs: made.scope.region ?? "")
        case .pool: return .pool(needs: made.scope.pool?.name ?? "")
        case .failover: return .failover(allowed: made.scope.policy.allowed ?? [])
        case .regionNotFound: return .regionNotFound(candidate.regionName)
        case .allowedNamespaces: return .allowedNamespaces(region?.allowedNamespaces ?? [])
        case .loadBalancing: return .loadBalancing
        case .regulations:
            return .regulations(missing: region.map { requires.missingRegulations(in: $0) } ?? [])
        case .dataLocality: return .dataLocality(allowed: requires.dataLocality?.regions ?? [])
        case .regions:
            return .regions(
                included: requires.regions?.include ?? [], excluded: requires.regions?.exclude ?? [])
        case .latency: return .latency(needs: Requirements.lowLatency, has: region?.latency)
        case .image: return .image
        case .gpu: return .gpu(needs: requires.gpu ?? GPU(), has: candidate.gpu)
        case .capabilities:
            let missing = requires.capabilities.filter { name in
                facts.capabilityNames.firstIndex(of: name).map { !candidate.capabilities.contains($0) }
                    ?? true
            }
            return .capabilities(missing: missing)
        case .cpu: return .cpu(needs: requires.cpu ?? .zero, has: Quantity(milli: capacity.cpu))
        case .memory: return .memory(needs: requires.memory ?? .zero, has: Quantity(milli: capacity.memory))
        case .storage:
            return .storage(needs: requires.storage ?? .zero, has: Quantity(milli: capacity.storage))
        case .networkMbps: return .networkMbps(needs: requires.networkMbps ?? 0, has: Int(capacity.network))
        case .maxCostPerHour:
            return .maxCostPerHour(cap: requires.maxCostPerHour ?? .zero, price: candidate.price)
        case .maxRegions:
            return .maxRegions(limit: made.allowed?.limit ?? 0, inUse: made.allowed?.inUse ?? [])
        case .regionDown: return .regionDown(candidate.regionName)
        case .circuitOpen: return .circuitOpen(candidate.regionName)
        case .state: return .state(candidate.refusal ?? "")
        case .slots, .budget: return .budget("")
        }
    }
}

extension Candidate {
    var gpu: GPU? {
        guard capacity.gpu > 0 else { return nil }
        var gpu = GPU()
        gpu.count = Int(capacity.gpu)
        gpu.model = gpuModel
        return gpu
    }
}
