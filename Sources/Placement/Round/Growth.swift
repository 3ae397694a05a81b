import Model

/// The workers that pools could still bring, filled with tasks that no present worker has room for. Next fit:
/// a pool's open worker is filled until a task does not fit it, then the next is opened.
struct Growth {
    private struct Open {
        /// Workers that are on the way or may still be added.
        let limit: Int
        /// The same if budgets let it: what a pool is short of stays known while a budget refuses it.
        let wished: Int
        let size: Amounts
        var opened = 0
        var tasks = 0
        var free: Amounts
    }

    private var pools: [Open]

    init(_ pools: [PlacementPool]) {
        self.pools = pools.map { pool in
            let size = Amounts(pool.capacity, slots: pool.slots)
            var free = size
            free -= size
            let limit = pool.provisioning + pool.room
            let wished = pool.isShortOfMoney ? pool.provisioning + max(0, pool.maxWorkers - pool.live) : limit
            return Open(limit: limit, wished: wished, size: size, free: free)
        }
    }

    func holds(_ request: Amounts, pool: Int) -> Bool {
        (pools[pool].opened <= pools[pool].limit && pools[pool].free.holds(request))
            || (pools[pool].opened < pools[pool].limit && pools[pool].size.holds(request))
    }

    /// As `holds`, were there money.
    func wouldHold(_ request: Amounts, pool: Int) -> Bool {
        pools[pool].free.holds(request)
            || (pools[pool].opened < pools[pool].wished && pools[pool].size.holds(request))
    }

    /// Precondition: `holds` or `wouldHold`.
    mutating func take(_ request: Amounts, pool: Int) {
        if !pools[pool].free.holds(request) {
            pools[pool].opened += 1
            pools[pool].free = pools[pool].size
        }
        pools[pool].free -= request
        pools[pool].tasks += 1
    }

    func needs(_ facts: Facts) -> [PoolNeed] {
        pools.indices.filter { pools[$0].tasks > 0 }.map {
            PoolNeed(pool: facts.pools[$0].key, tasks: pools[$0].tasks, workers: pools[$0].opened)
        }
    }
}
