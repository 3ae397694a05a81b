import Model

/// The input of a round put in order and indexed: workers, pools and regions in key order, alike workers as one
/// candidate, requirements compiled. Nothing in it changes while the round decides, but for regions sets added at first.
struct Facts {
    let regions: [PlacementRegion]
    let regionIndex: [String: Int]
    let pools: [PlacementPool]
    private let poolIndex: [ObjectKey: Int]
    let workers: [PlacementWorker]
    /// First those of workers, then one for each pool's next worker.
    private(set) var candidates: [Candidate] = []
    private(set) var candidateOf: [Int32] = []
    private(set) var profiles: [Profile] = []
    private(set) var profileOf: [Int32] = []
    let capabilityNames: [String]
    private(set) var shapes: [Amounts] = []
    var regionSets: [RegionSet] = []

    /// The regions a plan may use.
    struct RegionSet: Hashable {
        var allowed: Bitmap
        var inUse: [String]
        var limit: Int
    }

    init(_ input: RoundInput) {
        regions = sorted(input.regions) { $0.name < $1.name }
        regionIndex = index(regions.map(\.name))
        pools = sorted(input.pools) { $0.key < $1.key }
        poolIndex = index(pools.map(\.key))
        workers = sorted(input.workers) { $0.key < $1.key }

        var requirements = Interner<RequirementsKey>()
        var names = Interner<String>()
        profileOf.reserveCapacity(input.tasks.count)
        for task in input.tasks {
            let id = requirements.intern(RequirementsKey(requires: task.requires))
            profileOf.append(Int32(id))
        }
        for value in requirements.values { for name in value.requires.capabilities { _ = names.intern(name) } }
        capabilityNames = names.values

        groupWorkers(names)
        addPools(names)
        compile(requirements.values.map(\.requires), names)
    }

    private mutating func groupWorkers(_ names: Interner<String>) {
        var keys = Interner<CandidateKey>()
        var last: CandidateKey?
        var lastID = 0
        candidateOf.reserveCapacity(workers.count)
        for (index, worker) in workers.enumerated() {
            let key = CandidateKey(worker)
            if key != last {
                lastID = keys.intern(key)
                last = key
            }
            if lastID == candidates.count { candidates.append(candidate(worker, names)) }
            candidates[lastID].members.append(Int32(index))
            candidateOf.append(Int32(lastID))
        }
    }

    private func candidate(_ worker: PlacementWorker, _ names: Interner<String>) -> Candidate {
        var candidate = Candidate(
            region: regionIndex[worker.region], regionName: worker.region, pool: worker.pool,
            poolIndex: poolIndex[worker.pool], capabilities: bitmap(worker.capabilities, names),
            capacity: Amounts(worker.capacity, slots: worker.slots), gpuModel: worker.capacity.gpu?.model,
            price: worker.costPerHour, share: Candidate.share(of: worker.costPerHour, slots: worker.slots))
        if !worker.takesTasks {
            candidate.refusal = worker.refusal ?? worker.state.rawValue
            candidate.isProvisioning = worker.state == .provisioning
        }
        return candidate
    }

    private mutating func addPools(_ names: Interner<String>) {
        for (index, pool) in pools.enumerated() {
            candidates.append(
                Candidate(
                    region: regionIndex[pool.region], regionName: pool.region, pool: pool.key, poolIndex: index,
                    capabilities: bitmap(pool.capabilities, names),
                    capacity: Amounts(pool.capacity, slots: pool.slots), gpuModel: pool.capacity.gpu?.model,
                    price: pool.costPerHour, share: Candidate.share(of: pool.costPerHour, slots: pool.slots)))
        }
    }

    private func bitmap(_ capabilities: [String], _ names: Interner<String>) -> Bitmap {
        var bitmap = Bitmap(count: names.values.count)
        for capability in capabilities { if let id = names.id(of: capability) { bitmap.insert(id) } }
        return bitmap
    }

    private mutating func compile(_ requirements: [Requirements], _ names: Interner<String>) {
        var shapeIDs = Interner<Amounts>()
        profiles.reserveCapacity(requirements.count)
        for requires in requirements {
            let request = Amounts(requires)
            var profile = Profile(
                requires: requires, request: request, shape: shapeIDs.intern(request),
                capabilities: bitmap(requires.capabilities, names))
            let regionMasks = regions.map { requires.mask(of: $0) }
            profile.masks = candidates.map { candidate in
                let here = profile.mask(of: candidate)
                return candidate.region.map { here.union(regionMasks[$0]) } ?? here
            }
            profiles.append(profile)
        }
        shapes = shapeIDs.values
    }

    /// How many of the candidates stand for workers; the rest are pools.
    var workerCandidates: Int { candidates.count - pools.count }
}

/// Sorts only what is not in order yet: snapshots mostly are.
private func sorted<Value>(_ values: [Value], by before: (Value, Value) -> Bool) -> [Value] {
    for index in values.indices.dropFirst() where before(values[index], values[index - 1]) {
        return values.sorted(by: before)
    }
    return values
}

/// The position of each name; the first, where one is there twice.
private func index<Name: Hashable>(_ names: [Name]) -> [Name: Int] {
    Dictionary(names.enumerated().map { ($1, $0) }, uniquingKeysWith: min)
}
