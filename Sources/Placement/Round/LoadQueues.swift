import Model

/// For LeastLoaded: the workers of each candidate by their load after taking a certain request, shared by all classes that
/// ask the same. An entry is load in ten-millionths (24 bits) over the worker's index (32 bits), so the smallest is the
/// least loaded, and among equals the first by key. Loads only rise within a round, so entries are corrected lazily.
struct LoadQueues {
    private struct Place: Hashable {
        let shape: Int
        let candidate: Int
    }

    private var queues: [MinHeap<UInt64>] = []
    private var requests: [Amounts] = []
    private var shared: [Place: Int32] = [:]

    /// The queue of a candidate's workers for a request.
    mutating func queue(shape: Int, request: Amounts, candidate: Int, of facts: Facts, free: [Amounts]) -> Int32 {
        let place = Place(shape: shape, candidate: candidate)
        if let queue = shared[place] { return queue }
        let queue = add(facts.candidates[candidate].members, request, facts, free)
        shared[place] = queue
        return queue
    }

    /// A queue of just these workers.
    mutating func add(_ members: [Int32], _ request: Amounts, _ facts: Facts, _ free: [Amounts]) -> Int32 {
        var entries: [UInt64] = []
        entries.reserveCapacity(members.count)
        for worker in members {
            guard free[Int(worker)].holds(request) else { continue }
            entries.append(LoadQueues.entry(Int(worker), request, facts, free))
        }
        queues.append(MinHeap(entries))
        requests.append(request)
        return Int32(queues.count - 1)
    }

    /// The queue's best entry now; nil once none of its workers has room.
    mutating func best(_ queue: Int32, _ facts: Facts, _ free: [Amounts]) -> UInt64? {
        let index = Int(queue)
        while let first = queues[index].first {
            let worker = LoadQueues.worker(first)
            guard free[worker].holds(requests[index]) else {
                queues[index].removeFirst()
                continue
            }
            let now = LoadQueues.entry(worker, requests[index], facts, free)
            if now == first { return first }
            queues[index].replaceFirst(with: now)
        }
        return nil
    }

    /// A few of the queue's entries behind the first, as they are now.
    func others(_ queue: Int32, _ facts: Facts, _ free: [Amounts], into found: inout [UInt64]) {
        let index = Int(queue)
        for entry in queues[index].elements.dropFirst().prefix(6) {
            let worker = LoadQueues.worker(entry)
            if free[worker].holds(requests[index]) {
                found.append(LoadQueues.entry(worker, requests[index], facts, free))
            }
        }
    }

    static func worker(_ entry: UInt64) -> Int { Int(entry & 0xFFFF_FFFF) }
    static func load(_ entry: UInt64) -> Double { Double(entry >> 32 & 0xFF_FFFF) / 10_000_000 }

    @inline(__always)
    static func entry(_ worker: Int, _ request: Amounts, _ facts: Facts, _ free: [Amounts]) -> UInt64 {
        let capacity = facts.candidates[Int(facts.candidateOf[worker])].capacity
        return capacity.load(free: free[worker], request: request) << 32 | UInt64(worker)
    }
}
