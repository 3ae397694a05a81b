import Model

/// The input of a round put in order and indexed: workers, pools and regions in key order, alike workers as
/// one candidate, requirements compiled. Nothing in it changes while the round decides.
struct Facts {
    let regions: [PlacementRegion]
    let regionIndex: [String: Int]
    let pools: [PlacementPool]
    private let poolIndex: [ObjectKey: Int]
    let workers: [PlacementWorker]
    /// First those of workers, then one for each kind of worker that a pool can make.
    private(set) var candidates: [Candidate] = []
    /// How many of the candidates stand for workers; the rest are `offers`.
    private(set) var workerCandidates = 0
    private(set) var offers: [PoolOffer] = []
    private(set) var candidateOf: [Int32] = []
    private(set) var profiles: [Profile] = []
    private(set) var profileOf: [Int32] = []
    let capabilityNames: [String]

    init(_ input: RoundInput) {
        regions = sorted(input.regions, by: \.name)
        regionIndex = index(regions.map(\.name))
        pools = sorted(input.pools, by: \.key)
        poolIndex = index(pools.map(\.key))
        workers = sorted(input.workers, by: \.key)

        var requirements = Interner<RequirementsKey>()
        var names = Interner<String>()
        profileOf.reserveCapacity(input.tasks.count)
        for index in input.tasks.indices {
            let id = requirements.intern(RequirementsKey(input.tasks[index]))
            profileOf.append(Int32(id))
        }
        for value in requirements.values {
            for name in value.requires.capabilities { _ = names.intern(name) }
        }
        capabilityNames = names.values

        groupWorkers(names)
        addPools(names)
        compile(requirements.values, names)
    }

    private mutating func groupWorkers(_ names: Interner<String>) {
        var keys = Interner<CandidateKey>()
        var last: CandidateKey?
        var lastID = 0
        candidateOf.reserveCapacity(workers.count)
        for index in workers.indices {
            let key = CandidateKey(workers[index])
            if key != last {
                lastID = keys.intern(key)
                last = key
            }
            if lastID == candidates.count { candidates.append(candidate(workers[index], names)) }
            candidates[lastID].members.append(Int32(index))
            candidateOf.append(Int32(lastID))
        }
    }

    private func candidate(_ worker: PlacementWorker, _ names: Interner<String>) -> Candidate {
        var candidate = Candidate(
            region: regionIndex[worker.region] ?? -1, regionName: worker.region, pool: worker.pool,
            poolIndex: poolIndex[worker.pool] ?? -1, capabilities: bitmap(worker.capabilities, names),
            capacity: Amounts(worker.capacity, slots: worker.slots), gpuModel: worker.capacity.gpu?.model,
            hasEngine: worker.hasEngine, price: worker.costPerHour,
            share: Candidate.share(of: worker.costPerHour, slots: worker.slots))
        if !worker.takesTasks {
            candidate.refusal = worker.refusal ?? worker.state.rawValue
            candidate.isProvisioning = worker.state == .provisioning
            candidate.hasFailed = worker.state == .failed
            candidate.isComing = worker.isComing
        }
        return candidate
    }

    private mutating func addPools(_ names: Interner<String>) {
        workerCandidates = candidates.count
        for (index, pool) in pools.enumerated() {
            let plain = PlacementType(
                "", capacity: pool.capacity, slots: pool.slots, costPerHour: pool.costPerHour)
            for type in pool.types.isEmpty ? [plain] : pool.types {
                offers.append(PoolOffer(pool: index, type: pool.types.isEmpty ? nil : type.name))
                candidates.append(
                    Candidate(
                        region: regionIndex[pool.region] ?? -1, regionName: pool.region, pool: pool.key,
                        poolIndex: index, capabilities: bitmap(pool.capabilities, names),
                        capacity: Amounts(type.capacity, slots: type.slots), gpuModel: type.capacity.gpu?.model,
                        hasEngine: pool.hasEngine, price: type.costPerHour,
                        share: Candidate.share(of: type.costPerHour, slots: type.slots)))
            }
        }
    }

    private func bitmap(_ capabilities: [String], _ names: Interner<String>) -> Bitmap {
        var bitmap = Bitmap(count: names.values.count)
        for capability in capabilities { if let id = names.id(of: capability) { bitmap.insert(id) } }
        return bitmap
    }

    private mutating func compile(_ requirements: [RequirementsKey], _ names: Interner<String>) {
        profiles.reserveCapacity(requirements.count)
        for key in requirements {
            let requires = key.requires
            var profile = Profile(
                requires: requires, needsEngine: key.needsEngine,
                request: Amounts(requires, isIsolated: key.isIsolated),
                capabilities: bitmap(requires.capabilities, names))
            let regionMasks = regions.map { requires.mask(of: $0) }
            profile.masks = candidates.map { candidate in
                let here = profile.mask(of: candidate)
                return candidate.region >= 0 ? here.union(regionMasks[candidate.region]) : here
            }
            profiles.append(profile)
        }
    }

}

/// A kind of worker that a pool can make: the candidate at the same place behind those of workers.
struct PoolOffer {
    let pool: Int
    /// Nil where the pool has no choice.
    let type: String?
}

/// In order of their names. Snapshots mostly are; else indices are sorted, since whole values are heavy to
/// move.
private func sorted<Value, Name: Comparable>(_ values: [Value], by name: (Value) -> Name) -> [Value] {
    let names = values.map(name)
    if names.indices.dropFirst().allSatisfy({ !(names[$0] < names[$0 - 1]) }) { return values }
    return names.indices.sorted { names[$0] < names[$1] }.map { values[$0] }
}

/// The position of each name; the first, where one is there twice.
private func index<Name: Hashable>(_ names: [Name]) -> [Name: Int] {
    Dictionary(names.enumerated().map { ($1, $0) }, uniquingKeysWith: min)
}
