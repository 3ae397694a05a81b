import Model
import Placement

/// The laws of a round, checked the plain way: from the input and the result alone, one worker and one task
/// at a time.
struct RoundLaws {
    let input: RoundInput
    let result: RoundResult
    private let tasks: [ObjectKey: PlacementTask]
    private let workers: [ObjectKey: PlacementWorker]
    private let regions: [String: PlacementRegion]

    init(_ input: RoundInput, _ result: RoundResult) {
        self.input = input
        self.result = result
        tasks = Dictionary(uniqueKeysWithValues: input.tasks.map { ($0.key, $0) })
        workers = Dictionary(uniqueKeysWithValues: input.workers.map { ($0.key, $0) })
        regions = Dictionary(uniqueKeysWithValues: input.regions.map { ($0.name, $0) })
    }

    /// What is violated, in words; empty if nothing is.
    var broken: [String] {
        var broken: [String] = []
        let answered = (result.bindings.map(\.task) + result.pending.map(\.task)).sorted()
        if answered != input.tasks.map(\.key).sorted() { broken.append("not every task is answered once") }
        for pending in result.pending where pending.message.isEmpty {
            broken.append("\(pending.task.name) has no reason")
        }
        for binding in result.bindings {
            guard let task = tasks[binding.task], let worker = workers[binding.worker] else {
                broken.append("\(binding.task.name) is bound to nothing")
                continue
            }
            if let why = refusal(task, worker) {
                broken.append("\(binding.task.name) on \(worker.key.name): \(why)")
            }
        }
        return broken + overcommitted + overLimit + overBudget + tooManyRegions
    }

    /// Why the worker may not have the task, whatever else runs on it.
    private func refusal(_ task: PlacementTask, _ worker: PlacementWorker) -> String? {
        guard let region = regions[worker.region] else { return "no region" }
        let requires = task.requires
        if !worker.takesTasks || region.down || region.circuitOpen { return "out" }
        if !region.allowedNamespaces.isEmpty, !region.allowedNamespaces.contains(task.key.namespace) {
            return "namespace"
        }
        if let wanted = task.region, wanted != worker.region { return "region" }
        if let allowed = task.policy.allowed, !allowed.contains(worker.region) { return "policy" }
        if !Set(requires.capabilities).isSubset(of: worker.capabilities) { return "capabilities" }
        if !Set(requires.regulations).isSubset(of: region.regulations) { return "residency" }
        if requires.latency == .low, (region.latency ?? .seconds(1)) > .milliseconds(30) { return "latency" }
        if let cap = requires.maxCostPerHour, worker.costPerHour > cap { return "cost" }
        if let cpu = requires.cpu, cpu > worker.capacity.cpu ?? .zero { return "cpu" }
        return nil
    }

    private func added(_ worker: PlacementWorker) -> [PlacementTask] {
        result.bindings.filter { $0.worker == worker.key }.compactMap { tasks[$0.task] }
    }

    private var overcommitted: [String] {
        input.workers.compactMap { worker in
            let added = added(worker)
            if added.isEmpty { return nil }
            if worker.slotsUsed + added.count > worker.slots { return "\(worker.key.name) has too few slots" }
            let cpu = added.reduce(worker.used.cpu ?? .zero) { $0 + ($1.requires.cpu ?? .zero) }
            let asked = added.contains { $0.requires.cpu != nil }
            return asked && cpu > worker.capacity.cpu ?? .zero ? "\(worker.key.name) has too little CPU" : nil
        }
    }

    private var overLimit: [String] {
        input.plans.compactMap { plan in
            guard let limit = plan.maxConcurrentTasks else { return nil }
            let bound = result.bindings.count { tasks[$0.task]?.plan == plan.key }
            return bound > 0 && plan.running + bound > limit ? "\(plan.key.name) runs too many" : nil
        }
    }

    /// What a plan binds to counts whole, each worker once.
    private var overBudget: [String] {
        input.plans.compactMap { plan -> String? in
            let own = result.bindings.filter { tasks[$0.task]?.plan == plan.key }
            var (rate, spend) = (Money.zero, Money.zero)
            for key in Set(own.map(\.worker)) {
                guard let worker = workers[key] else { continue }
                let longest = own.filter { $0.worker == key }.compactMap { tasks[$0.task]?.duration.p90 }.max() ?? .zero
                let rent = plan.rents[key]
                rate += max(.zero, worker.costPerHour - (rent?.perHour ?? .zero))
                spend += max(
                    .zero,
                    worker.costPerHour.perHour(over: longest)
                        - worker.costPerHour.perHour(over: min(longest, rent?.reserved ?? .zero)))
            }
            let (name, headroom) = (plan.key.name, plan.headroom)
            if rate > .zero, let cap = headroom.perHour, rate > cap { return "\(name) passes perHour" }
            if spend > .zero, let cap = headroom.perDay, spend > cap { return "\(name) passes perDay" }
            if spend > .zero, let cap = headroom.total, spend > cap { return "\(name) passes total" }
            return nil
        }
    }

    /// Regions chosen by the round, not by the user, beyond the plan's limit.
    private var tooManyRegions: [String] {
        input.plans.compactMap { plan in
            let bindings = result.bindings.filter { tasks[$0.task]?.plan == plan.key }
            let free = Set(bindings.filter { tasks[$0.task]?.region == nil }.map(\.region))
            let listed = Set(input.tasks.filter { $0.plan == plan.key }.compactMap(\.region))
            let fresh = free.subtracting(listed)
            return fresh.isEmpty || free.union(listed.filter { isUsable($0) }).count <= plan.maxRegions
                ? nil : "\(plan.key.name) spreads too far"
        }
    }

    private func isUsable(_ region: String) -> Bool {
        regions[region].map { !$0.down && !$0.circuitOpen } ?? false
    }

    /// Workers that could still take a task once the round is over.
    func workersWithRoom(for key: ObjectKey) -> [String] {
        guard let task = tasks[key] else { return [] }
        return input.workers.filter { worker in
            guard refusal(task, worker) == nil, worker.pool.namespace == key.namespace else { return false }
            let added = added(worker)
            guard worker.slotsUsed + added.count < worker.slots else { return false }
            guard let wanted = task.requires.cpu else { return true }
            let used = added.reduce(worker.used.cpu ?? .zero) { $0 + ($1.requires.cpu ?? .zero) }
            return used + wanted <= worker.capacity.cpu ?? .zero
        }.map(\.key.name)
    }
}
