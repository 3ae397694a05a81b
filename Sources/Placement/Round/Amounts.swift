import Model

/// Amounts of everything a worker has a bounded amount of.
struct Amounts: Hashable, Sendable {
    var slots: Int64 = 0
    var cpu: Int64 = 0
    var memory: Int64 = 0
    var storage: Int64 = 0
    var network: Int64 = 0
    var gpu: Int64 = 0
    /// Of tasks side by side. One that has to be alone takes all of it, any other one part: so neither gets in where
    /// the other is.
    var company: Int64 = 0

    /// More than any worker has slots.
    private static let wholeCompany: Int64 = 1 << 32

    /// What a worker has.
    init(_ resources: Resources, slots: Int) {
        self.init(resources, slots: slots, company: Self.wholeCompany)
    }

    /// What the tasks of a worker have taken.
    init(takenOf worker: PlacementWorker) {
        let company = worker.holdsIsolated ? Self.wholeCompany : Int64(worker.slotsUsed)
        self.init(worker.used, slots: worker.slotsUsed, company: company)
    }

    private init(_ resources: Resources, slots: Int, company: Int64) {
        self.slots = Int64(slots)
        self.company = company
        cpu = resources.cpu?.milli ?? 0
        memory = resources.memory?.milli ?? 0
        storage = resources.storage?.milli ?? 0
        network = Int64(resources.networkMbps ?? 0)
        gpu = Amounts.count(resources.gpu)
    }

    /// What a task takes: one slot and what it asks for.
    init(_ requires: Requirements, isIsolated: Bool = false) {
        slots = 1
        company = isIsolated ? Self.wholeCompany : 1
        cpu = requires.cpu?.milli ?? 0
        memory = requires.memory?.milli ?? 0
        storage = requires.storage?.milli ?? 0
        network = Int64(requires.networkMbps ?? 0)
        gpu = Amounts.count(requires.gpu)
    }

    /// A model named without a count means one.
    private static func count(_ gpu: GPU?) -> Int64 {
        guard let gpu else { return 0 }
        return Int64(max(gpu.count, gpu.model == nil ? 0 : 1))
    }

    /// Whether `request` can be taken from this. What is not asked for is not looked at, so that a worker
    /// short of one thing still takes tasks that need none of it.
    @inline(__always)
    func holds(_ request: Amounts) -> Bool {
        slots >= request.slots && company >= request.company
            && (request.cpu == 0 || cpu >= request.cpu)
            && (request.memory == 0 || memory >= request.memory)
            && (request.storage == 0 || storage >= request.storage)
            && (request.network == 0 || network >= request.network)
            && (request.gpu == 0 || gpu >= request.gpu)
    }

    /// Of a request.
    var isAlone: Bool { company == Self.wholeCompany }

    static let none = Amounts(Resources(), slots: 0, company: 0)

    /// The largest share of any amount of `size` that this takes. What `size` has none of and this asks for does not
    /// get here.
    func largestShare(of size: Amounts) -> Double {
        func share(_ part: Int64, _ whole: Int64) -> Double { whole > 0 ? Double(part) / Double(whole) : 0 }
        let first = max(share(slots, size.slots), share(cpu, size.cpu), share(memory, size.memory))
        return max(first, share(storage, size.storage), share(network, size.network), share(gpu, size.gpu))
    }

    /// How often `request` can be taken from this.
    func times(_ request: Amounts) -> Int {
        func times(_ part: Int64, _ whole: Int64) -> Int64 { part > 0 ? max(0, whole) / part : .max }
        let first = min(times(request.slots, slots), times(request.cpu, cpu), times(request.memory, memory))
        let all = min(
            first, times(request.storage, storage), times(request.network, network), times(request.gpu, gpu),
            times(request.company, company))
        return Int(min(all, 1_000_000_000))
    }

    mutating func take(_ request: Amounts, times count: Int) {
        let count = Int64(count)
        slots &-= request.slots &* count
        cpu &-= request.cpu &* count
        memory &-= request.memory &* count
        storage &-= request.storage &* count
        network &-= request.network &* count
        gpu &-= request.gpu &* count
        company &-= request.company &* count
    }

    static func -= (a: inout Amounts, b: Amounts) {
        a.slots &-= b.slots
        a.cpu &-= b.cpu
        a.memory &-= b.memory
        a.storage &-= b.storage
        a.network &-= b.network
        a.gpu &-= b.gpu
        a.company &-= b.company
    }
}
