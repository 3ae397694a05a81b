import Model
import Ports
import Storage
import Tree

// What a round promises: workers that are yet to be made, turns between plans, and places by order of failover rules.
extension World {
    // MARK: Workers to come

    /// S8: what tasks are told to wait for can be made, below every limit and cap.
    mutating func judgeReservations(_ changes: [StoredChange]) {
        guard scenario.kind.isDrawnWide, isBeforeFaults, now - witness.disturbedAt > .seconds(1) else { return }
        var wanted: [ObjectKey: Set<Int64>] = [:]
        for change in changes where change.key.kind == .task && change.by != nil {
            guard let place = change.status?["reservation"], let name = place["pool"]?.string,
                place != change.before?.tree["status"]?["reservation"]
            else { continue }
            wanted[ObjectKey(.workerPool, change.key.namespace, name), default: []].insert(place["slot"]?.int ?? 0)
        }
        guard !wanted.isEmpty else { return }
        let workers = store.list(StoreQuery(kinds: [.worker])).objects.compactMap { try? Worker(tree: $0.tree) }
        var rates: [String: Money] = [:]
        for key in wanted.keys.sorted() {
            guard let object = store.get(key), let pool = try? WorkerPool(tree: object.tree), let slots = wanted[key],
                let price = pool.status.price?.perHour
            else { continue }
            let own = workers.filter { $0.spec.pool == key.name && $0.key.namespace == key.namespace }
            let taken = Set(own.map { Int64($0.spec.slot) })
            let fresh = slots.filter { !taken.contains($0) }.count
            let live = own.count { $0.status.state != .failed && !$0.metadata.isDeleting }
            let most = max(pool.spec.maxWorkers, pool.spec.minWorkers, pool.spec.replicas ?? 0)
            if fresh > 0, live + fresh > most {
                fail(.limit, "tasks wait for \(fresh) new workers of \(key), which has \(live) and may have \(most)")
            }
            rates[pool.spec.region, default: .zero] += price.scaled(by: Int64(fresh), over: 1)
            judgeRent(price.scaled(by: Int64(fresh), over: 1), own, pool.spec.budget, "\(key)")
        }
        for name in rates.keys.sorted() {
            guard let object = store.get(ObjectKey(.region, "", name)), let region = try? Region(tree: object.tree)
            else {
                continue
            }
            judgeRent(
                rates[name] ?? .zero, workers.filter { $0.spec.region == name }, region.spec.budget, "\(object.key)")
        }
    }

    private mutating func judgeRent(_ more: Money, _ workers: [Worker], _ budget: Budget?, _ owner: String) {
        guard more > .zero, let cap = budget?.perHour else { return }
        let rate = workers.reduce(Money.zero) { $0 + $1.committedRate }
        guard rate + more > cap else { return }
        fail(
            .budget,
            "tasks wait for workers of \(more)/h in \(owner), which rents for \(rate)/h under a cap of \(cap)/h")
    }

    // MARK: Turns

    /// L9: of plans that ask for the same none is given much more than another that waits too.
    mutating func judgeTurn(_ change: StoredChange) {
        guard scenario.focus == .turns, let own = change.spec?["plan"]?.string,
            let other = WideScript.sharers.first(where: { $0 != own })
        else { return }
        let waits = store.list(StoreQuery(kinds: [.task])).objects.contains { task in
            task.tree["spec"]?["plan"]?.string == other && task.tree["status"]?["phase"] ?? "Pending" == "Pending"
                && now - (witness.firstSeen[task.uid] ?? now) > .seconds(1)
        }
        guard waits else { return witness.losses.turns = [:] }
        witness.losses.turns[own, default: 0] += 1
        let (given, left) = (witness.losses.turns[own] ?? 0, witness.losses.turns[other] ?? 0)
        guard given > left + 3 else { return }
        fail(.placement, "\(own) was given \(given) places and \(other) \(left), and both have tasks that wait")
    }

    // MARK: Failover

    /// Rules are tried by priority, highest first: what goes elsewhere goes where the first of them leads that can take
    /// it.
    mutating func judgeRuleOrder(_ change: StoredChange, _ place: String, _ home: String, _ plan: ExecutionPlanSpec) {
        guard isBeforeFaults, change.status?["attempts"]?.array?.isEmpty ?? true,
            now - witness.disturbedAt > .seconds(3), let own = kind(of: home),
            let requires = try? change.spec.map({ try Requirements(tree: $0["requires"] ?? .emptyObject) })
        else { return }
        var plain = requires
        plain.capabilities = []
        guard plain == Requirements() else { return }
        let rules = plan.faultTolerance.failover.sorted { $0.priority > $1.priority }
            .filter { $0.when.isEmpty || $0.when.contains(.noCapacity) }
        func leads(_ rule: FailoverRule, to region: String) -> Bool {
            switch rule.strategy {
            case .sameRegion: region == home
            case .otherRegion: region != home && kind(of: region) == own
            case .otherProvider: region != home && kind(of: region) != own
            }
        }
        guard let rank = rules.firstIndex(where: { leads($0, to: place) }) else { return }
        for entry in plan.regions where entry.region != place && entry.budget == nil {
            guard rules[..<rank].contains(where: { leads($0, to: entry.region) }),
                let idle = idle(in: entry.region, change.key.namespace, requires.capabilities)
            else { continue }
            return fail(
                .placement,
                "\(change.key) was bound in \(place), and a rule of higher priority leads to \(idle.key) in "
                    + "\(entry.region), which is idle")
        }
    }

    private func kind(of region: String) -> ProviderKind? {
        store.get(ObjectKey(.region, "", region)).flatMap { try? Region(tree: $0.tree) }?.spec.provider.kind
    }

    /// One that has long been idle there and can do all that.
    private func idle(in region: String, _ namespace: String, _ capabilities: [String]) -> StoredObject? {
        store.list(StoreQuery(kinds: [.worker])).objects.first { object in
            guard object.key.namespace == namespace, let worker = try? Worker(tree: object.tree),
                worker.spec.region == region, worker.status.state == .online, worker.status.health == 100,
                !worker.metadata.isDeleting, !worker.spec.maintenance, !witness.forged.contains(object.uid),
                Set(capabilities).isSubset(of: worker.spec.capabilities), witness.bound[object.uid]?.isEmpty ?? true,
                let pool = store.get(ObjectKey(.workerPool, namespace, worker.spec.pool)),
                pool.tree["spec"]?["budget"] == nil, pool.tree["metadata"]?["deletionTimestamp"] == nil
            else { return false }
            return now - (witness.idleSince[object.uid] ?? now) > .seconds(3)
        }
    }

    // MARK: What a worker has

    /// What its tasks ask for together a worker has.
    mutating func judgeRoom(_ change: StoredChange, _ object: StoredObject) {
        guard change.spec?["requires"] ?? .emptyObject != .emptyObject, let worker = try? Worker(tree: object.tree),
            let bound = witness.bound[object.uid]
        else { return }
        var used = Resources()
        var isNear = false
        for task in store.list(StoreQuery(kinds: [.task])).objects where bound.contains(task.uid) {
            guard let spec = (try? WorkTask(tree: task.tree))?.spec else { continue }
            used.cpu = (used.cpu ?? .zero) + (spec.requires.cpu ?? .zero)
            used.memory = (used.memory ?? .zero) + (spec.requires.memory ?? .zero)
            used.storage = (used.storage ?? .zero) + (spec.requires.storage ?? .zero)
            used.networkMbps = (used.networkMbps ?? 0) + (spec.requires.networkMbps ?? 0)
            if task.key == change.key { isNear = spec.requires.latency == .low }
        }
        let has = worker.spec.resources
        func check(_ isRight: Bool, _ what: String) {
            if !isRight { fail(.limit, "\(object.key) has less \(what) than its \(bound.count) tasks ask for") }
        }
        check(used.cpu ?? .zero <= has.cpu ?? .zero, "cpu")
        check(used.memory ?? .zero <= has.memory ?? .zero, "memory")
        check(used.storage ?? .zero <= has.storage ?? .zero, "storage")
        check(used.networkMbps ?? 0 <= has.networkMbps ?? 0, "network")
        guard isNear, let place = store.get(ObjectKey(.region, "", worker.spec.region)),
            now - (witness.editedAt[place.key] ?? .origin) > .seconds(5),
            let region = try? Region(tree: place.tree)
        else { return }
        let latency = region.spec.latency ?? region.status.latency
        guard latency.map({ $0 > .milliseconds(30) }) ?? true else { return }
        let far = latency.map { "\($0.text) away" } ?? "which says nothing of its own"
        fail(.limit, "\(change.key) asks for a low latency and was bound in \(worker.spec.region), \(far)")
    }
}
