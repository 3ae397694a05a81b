import Engine
import Model
import Placement

/// What the placement round keeps from one decision to the next: the tasks that are ready, alike ones together, and
/// every place, each changed by key. So a round costs what changed since the last and what can be bound now, not what
/// waits.
struct RoundState: RoundMemory {
    /// A task that may be bound, as it was last read.
    final class Candidate: Sendable {
        let task: PlacementTask
        let group: Int
        /// Why it is pending, as its status says.
        let reason: String?

        init(_ task: PlacementTask, group: Int, reason: String?) {
            self.task = task
            self.group = group
            self.reason = reason
        }
    }

    /// Tasks that differ in nothing but their turn: what one of them is too big, too dear or too late for, all behind
    /// it are.
    struct Group {
        let kind: PlacementTask
        /// In the order in which the round decides them.
        var members: [Candidate] = []
        /// Nothing that stands could take it and no pool could bring anything: not looked at until places change.
        var isParked = false
        /// What all members were told, as far as is known; nil where some may have been told something else.
        var told: String?
        /// When its first tasks were last told the same reason in other words.
        var retoldAt = Instant.origin
    }

    /// What a plan lets the round do with its tasks, and their order in it.
    struct PlanPart {
        let plan: ExecutionPlan
        let positions: [String: Int]

        init(_ plan: ExecutionPlan) {
            self.plan = plan
            // Of one that is over nothing is asked.
            let names = Self.isOpen(plan) ? plan.spec.taskNames : []
            positions = Dictionary(names.enumerated().map { ($1, $0) }) { first, _ in first }
        }

        /// Whether the same may be done for the same tasks.
        func stands(for other: ExecutionPlan) -> Bool {
            plan.metadata.uid == other.metadata.uid && plan.parts.spec == other.parts.spec
                && PlanPart.isOpen(plan) == PlanPart.isOpen(other) && plan.ending?.reason == other.ending?.reason
        }

        static func isOpen(_ plan: ExecutionPlan) -> Bool {
            guard !plan.status.phase.isTerminal, !plan.metadata.isDeleting else { return false }
            return !plan.spec.suspend || plan.ending != nil
        }
    }

    private(set) var candidates: [ObjectKey: Candidate] = [:]
    var groups: [Int: Group] = [:]
    /// Those of `groups` that are not parked, in the order they were made.
    private(set) var active = IndexSet()
    private var groupIDs: [PlacementTask: Int] = [:]
    private var lastGroup = 0
    /// Groups that a change reached: one that is left and joined again stays what it was.
    private var touched: Set<Int> = []
    private var plans: [ObjectKey: PlanPart] = [:]

    private(set) var workers: [ObjectKey: PlacementWorker] = [:]
    private(set) var workerKeys: [ObjectKey] = []
    private(set) var pools: [PlacementPool] = []
    private(set) var regions: [PlacementRegion] = []
    private var circuits: [String: [CircuitStatus]] = [:]
    private var leaving: Set<ObjectKey> = []
    /// What the plans' failover rules look at of regions.
    private var troubles: Set<String> = []

    /// A set of group numbers in order.
    struct IndexSet: Sendable {
        private(set) var numbers: [Int] = []

        mutating func insert(_ number: Int) {
            let at = position(number)
            if at == numbers.count || numbers[at] != number { numbers.insert(number, at: at) }
        }

        mutating func remove(_ number: Int) {
            let at = position(number)
            if at < numbers.count, numbers[at] == number { numbers.remove(at: at) }
        }

        private func position(_ number: Int) -> Int { numbers.partitioningIndex { $0 >= number } }
    }
}

// MARK: Taking changes in

extension RoundState {
    mutating func update(_ changes: RoundChanges, _ gather: RoundGather) {
        var tasks = changes.tasks
        if changes.isEverything {
            self = RoundState()
            tasks = Set(gather.pendingTasks())
            updatePlaces(gather, workers: gather.workerKeys(), isOther: true)
        } else if changes.places || !changes.workers.isEmpty || circuits != gather.snapshot.circuits
            || leaving != gather.snapshot.leaving
        {
            let hasOpened = circuits != gather.snapshot.circuits
            let left = leaving.symmetricDifference(gather.snapshot.leaving).filter { $0.kind == .worker }
            updatePlaces(gather, workers: changes.workers.union(left).sorted(), isOther: changes.places)
            let now = changes.places || hasOpened ? gather.troubles() : troubles
            // Tasks that leave a region, or come back to it, stand somewhere else now.
            if now != troubles { tasks.formUnion(candidates.keys) }
            troubles = now
        }
        for key in changes.plans {
            let plan = gather.cache.plans[key]?.object
            if let part = plans[key], let plan, part.stands(for: plan) { continue }
            plans[key] = plan.map(PlanPart.init)
            tasks.formUnion(gather.cache.taskKeys(of: key))
        }
        let isMany = tasks.count > 64
        for key in tasks.sorted() { update(key, gather, inOrder: !isMany) }
        for number in touched.sorted() {
            if groups[number]?.members.isEmpty == true { drop(number) }
            if isMany { groups[number]?.members.sort { $0.task.precedes($1.task) } }
        }
        touched = []
        if changes.isEverything { troubles = gather.troubles() }
    }

    private mutating func update(_ key: ObjectKey, _ gather: RoundGather, inOrder: Bool) {
        if let standing = candidates.removeValue(forKey: key) { leave(standing, inOrder: inOrder) }
        guard let task = gather.cache.tasks[key]?.object, task.status.phase == .pending, !task.metadata.isDeleting,
            gather.concernsRound(task), let part = part(of: task, gather), PlanPart.isOpen(part.plan),
            part.plan.ending == nil || task.spec.runWhen == .always
        else { return }
        let placed = gather.placement(task, part.plan, order: part.positions[task.spec.task] ?? 0)
        join(placed, reason: task.status.reason, inOrder: inOrder)
    }

    private mutating func part(of task: WorkTask, _ gather: RoundGather) -> PlanPart? {
        let key = ObjectKey(.executionPlan, task.key.namespace, task.spec.plan)
        if let part = plans[key] { return part }
        guard let plan = gather.cache.plans[key]?.object else { return nil }
        let part = PlanPart(plan)
        plans[key] = part
        return part
    }

    private mutating func join(_ placed: PlacementTask, reason: String?, inOrder: Bool) {
        let kind = placed.kind
        let number: Int
        if let known = groupIDs[kind] {
            number = known
        } else {
            lastGroup += 1
            number = lastGroup
            groupIDs[kind] = number
            groups[number] = Group(kind: kind)
        }
        let candidate = Candidate(placed, group: number, reason: reason)
        candidates[placed.key] = candidate
        touched.insert(number)
        guard var group = groups.removeValue(forKey: number) else { return }
        if inOrder {
            let at = group.members.partitioningIndex { !$0.task.precedes(placed) }
            group.members.insert(candidate, at: at)
        } else {
            group.members.append(candidate)
        }
        if group.told != reason { (group.told, group.isParked) = (nil, false) }
        if !group.isParked { active.insert(number) }
        groups[number] = group
    }

    private mutating func leave(_ candidate: Candidate, inOrder: Bool) {
        guard var group = groups.removeValue(forKey: candidate.group) else { return }
        let at =
            inOrder
            ? group.members.partitioningIndex { !$0.task.precedes(candidate.task) }
            : group.members.firstIndex { $0 === candidate } ?? group.members.count
        if at < group.members.count, group.members[at] === candidate { group.members.remove(at: at) }
        groups[candidate.group] = group
        touched.insert(candidate.group)
    }

    private mutating func drop(_ number: Int) {
        active.remove(number)
        if let kind = groups.removeValue(forKey: number)?.kind { groupIDs[kind] = nil }
    }

    mutating func park(_ number: Int) {
        groups[number]?.isParked = true
        active.remove(number)
    }
}

// MARK: Places

extension RoundState {
    /// `isOther`: a pool or a region was changed.
    private mutating func updatePlaces(_ gather: RoundGather, workers keys: [ObjectKey], isOther: Bool) {
        var isOther = isOther || circuits != gather.snapshot.circuits
        var hasOtherWorkers = false
        for key in keys {
            let placed = gather.cache.workers[key].map { gather.worker($0.object) }
            let before = workers.updateOrRemove(placed, forKey: key)
            if before == nil || placed == nil {
                guard before != nil || placed != nil else { continue }
                let at = workerKeys.partitioningIndex { $0 >= key }
                if placed != nil { workerKeys.insert(key, at: at) } else { workerKeys.remove(at: at) }
                hasOtherWorkers = true
            } else if let before, let placed, !before.isSamePlace(as: placed) {
                hasOtherWorkers = true
            }
        }
        isOther = isOther || hasOtherWorkers
        circuits = gather.snapshot.circuits
        leaving = gather.snapshot.leaving
        // How full workers are is no other place, and most changes are of that alone.
        guard isOther else { return }
        let (regions, pools) = (gather.regions(), gather.pools())
        guard hasOtherWorkers || regions != self.regions || pools != self.pools else { return }
        (self.regions, self.pools) = (regions, pools)
        for number in groups.keys.sorted() where groups[number]?.isParked == true {
            groups[number]?.isParked = false
            active.insert(number)
        }
    }

    /// Tasks that could have a place at the most on workers that are on their way or that pools may still bring.
    var slotsToCome: Int {
        let coming = workers.values.reduce(0) { $0 + ($1.state == .provisioning ? $1.slots : 0) }
        return pools.reduce(coming) { sum, pool in
            sum + pool.room * max(pool.slots, pool.types.map(\.slots).max() ?? 0)
        }
    }

    /// Tasks that could be bound at the most.
    var freeSlots: Int {
        workers.values.reduce(0) { $0 + ($1.takesTasks ? max(0, $1.slots - $1.slotsUsed) : 0) }
    }
}

extension Array {
    /// The first index whose element, and every one behind, satisfies the predicate.
    func partitioningIndex(where belongsBehind: (Element) -> Bool) -> Int {
        var (low, high) = (startIndex, endIndex)
        while low < high {
            let middle = (low + high) / 2
            if belongsBehind(self[middle]) { high = middle } else { low = middle + 1 }
        }
        return low
    }
}

extension Dictionary {
    fileprivate mutating func updateOrRemove(_ value: Value?, forKey key: Key) -> Value? {
        guard let value else { return removeValue(forKey: key) }
        return updateValue(value, forKey: key)
    }
}
