import Engine
import Model
import Ports
import Storage
import Tree

/// What a rehearsal has seen so far, for its report.
struct Ledger {
    private(set) var changes: [PreviewReport.Change] = []
    private(set) var placements: [PreviewReport.Placement] = []
    private(set) var rateBefore = Money.zero
    private(set) var ratePeak = Money.zero
    private(set) var workersBefore: [ObjectKey: Int] = [:]
    private(set) var workersPeak: [ObjectKey: Int] = [:]
    /// What each standing worker costs an hour.
    private var rates: [ObjectKey: Money] = [:]
    private var rate = Money.zero
    private var sizes: [ObjectKey: Int] = [:]
    /// Plans that are not over.
    private(set) var openPlans: Set<ObjectKey> = []
    /// Plans that ended in this run, and what they rented is not yet released.
    private(set) var settlingPlans: Set<ObjectKey> = []
    /// What plans had cost before the run.
    private(set) var billBefore = Money.zero
    private(set) var taskCount = 0
    /// All is over but the bill: what happens now is not shown.
    var isTail = false
    private(set) var estimates: [ObjectKey: CompletionEstimate] = [:]
    /// Why pools last grew or shrank, by pool.
    private var scaleReasons: [ObjectKey: String] = [:]
    /// Sizes that pools first recommended, where scaling is left to a person.
    private(set) var recommendations: [ObjectKey: String] = [:]
    private var placed: Set<ObjectKey> = []
    private let began: Moment
    /// Endpoints that a real run would check.
    var unchecked: Set<String> = []
    /// The write that is seen is the user's.
    var isUsers = false

    init(_ request: PreviewRequest) {
        began = request.now
        for object in request.standing {
            if object.key.kind == .task { taskCount += 1 }
            if object.key.kind == .executionPlan {
                note(plan: object.key, object.tree)
                // try?: what can't be read counts as nothing; the store checked it when it was written.
                let cost = object.tree["status"]?["cost"]?["accrued"].flatMap { try? Money(tree: $0) } ?? .zero
                if !openPlans.contains(object.key) { billBefore += cost }
            }
            // try?: as above.
            guard object.key.kind == .worker, let worker = try? Worker(tree: object.tree), !worker.status.gone else {
                continue
            }
            standing(object.key, worker.committedRate, in: Self.pool(of: worker))
        }
        rateBefore = rate
        ratePeak = rate
        workersBefore = sizes
        workersPeak = sizes
    }

    /// Takes note of what a worker costs; nil: it is gone.
    private mutating func standing(_ worker: ObjectKey, _ price: Money?, in pool: ObjectKey) {
        let before = rates[worker]
        rates[worker] = price
        rate += (price ?? .zero) - (before ?? .zero)
        sizes[pool, default: 0] += (price == nil ? 0 : 1) - (before == nil ? 0 : 1)
    }

    private static func pool(of worker: Worker) -> ObjectKey {
        ObjectKey(.workerPool, worker.metadata.namespace ?? "", worker.spec.pool)
    }

    /// One write that was committed. True if a task or a plan came further by it.
    mutating func saw(_ key: ObjectKey, before: StoredObject?, after: StoredObject?, at now: Moment) -> Bool {
        switch key.kind {
        case .event:
            return false
        case .executionPlan: note(plan: key, after?.tree)
        case .workerPool:
            if let reason = after?.tree["status"]?["lastScale"]?["reason"]?.string { scaleReasons[key] = reason }
            let conditions = after?.tree["status"]?["conditions"]?.array ?? []
            let advised = conditions.first { $0["type"]?.string == ConditionType.scaleRecommended.rawValue }
            // The first says what the plan would have had; later ones have less left to do.
            if let said = advised?["message"]?.string, recommendations[key] == nil { recommendations[key] = said }
        case .task:
            if before == nil { taskCount += 1 }
            note(task: key, after, now)
        case .worker: note(worker: key, before, after)
        default: break
        }
        if !isTail { noteChange(key, before, after) }
        let field = key.kind == .worker ? "state" : "phase"
        return before?.tree["status"]?[field] != after?.tree["status"]?[field]
    }

    mutating func deletes(_ object: StoredObject) {
        changes.append(
            PreviewReport.Change(
                action: .delete, key: object.key, reason: "asked for", byController: false, before: object.tree))
    }

    private mutating func noteChange(_ key: ObjectKey, _ before: StoredObject?, _ after: StoredObject?) {
        if isUsers {
            guard before?.tree["spec"] != after?.tree["spec"] || before == nil else { return }
            guard before?.tree["metadata"]?["deletionTimestamp"] == nil,
                after?.tree["metadata"]?["deletionTimestamp"] == nil
            else { return }
            let action: PreviewReport.Action = before == nil ? .create : after == nil ? .delete : .update
            let reason = before == nil ? "in the manifests, not in the store" : "its manifest differs"
            changes.append(
                PreviewReport.Change(
                    action: action, key: key, reason: after == nil ? "asked for" : reason, byController: false,
                    before: before?.tree, after: after?.tree))
            return
        }
        // try?: as above.
        let price = (after ?? before)?.tree["spec"]?["price"]?["perHour"].flatMap { try? Money(tree: $0) }
        if before == nil, let after {
            changes.append(
                PreviewReport.Change(
                    action: .create, key: key, reason: reason(key, after), byController: true,
                    costAfter: key.kind == .worker ? price : nil))
        } else if after == nil, let before {
            changes.append(
                PreviewReport.Change(
                    action: .delete, key: key, reason: reason(key, before), byController: true,
                    costBefore: key.kind == .worker ? price : nil))
        }
    }

    private func reason(_ key: ObjectKey, _ object: StoredObject) -> String {
        switch key.kind {
        case .worker:
            let pool = object.tree["spec"]?["pool"]?.string ?? ""
            let why = scaleReasons[ObjectKey(.workerPool, key.namespace, pool)]
            return "pool \(pool): \(why ?? "its size")"
        case .task: return "a task of plan \(object.tree["spec"]?["plan"]?.string ?? "")"
        case .syncPoint: return "a sync point of plan \(object.tree["spec"]?["plan"]?.string ?? "")"
        case .workerPool: return "made from a plan's poolTemplate"
        default: return ""
        }
    }

    private mutating func note(plan key: ObjectKey, _ tree: Tree?) {
        guard let tree, tree["metadata"]?["deletionTimestamp"] == nil else {
            settlingPlans.remove(key)
            return _ = openPlans.remove(key)
        }
        let phase = tree["status"]?["phase"]?.string.flatMap(PlanPhase.init(rawValue:)) ?? .pending
        // try?: as above.
        let pays = tree["status"]?["cost"]?["ratePerHour"].flatMap { try? Money(tree: $0) } ?? .zero
        if phase.isTerminal {
            openPlans.remove(key)
            if pays > .zero { settlingPlans.insert(key) } else { settlingPlans.remove(key) }
        } else {
            openPlans.insert(key)
        }
        if estimates[key] == nil, let estimate = tree["status"]?["estimatedCompletion"], !estimate.isNull {
            // try?: as above.
            estimates[key] = try? CompletionEstimate(tree: estimate)
        }
    }

    private mutating func note(worker key: ObjectKey, _ before: StoredObject?, _ after: StoredObject?) {
        guard let tree = (after ?? before)?.tree else { return }
        let pool = ObjectKey(.workerPool, key.namespace, tree["spec"]?["pool"]?.string ?? "")
        let isGone = after == nil || tree["status"]?["gone"]?.bool == true
        // try?: as above.
        let price = tree["spec"]?["price"]?["perHour"].flatMap { try? Money(tree: $0) } ?? .zero
        standing(key, isGone ? nil : price, in: pool)
    }

    private mutating func note(task key: ObjectKey, _ object: StoredObject?, _ now: Moment) {
        guard let status = object?.tree["status"], status["phase"] == "Assigned", !placed.contains(key),
            // try?: as above.
            let assignment = status["assignment"].flatMap({ try? Assignment(tree: $0) })
        else { return }
        placed.insert(key)
        placements.append(
            PreviewReport.Placement(
                task: key, worker: assignment.worker, region: assignment.region, pool: assignment.pool,
                // try?: as above.
                record: status["placement"].flatMap { try? PlacementRecord(tree: $0) }, at: now.instant - began.instant,
                // try?: as above.
                length: object?.tree["spec"]?["estimatedDuration"].flatMap { try? Duration(tree: $0) }))
    }

    /// The rate and the sizes of pools at their highest, after a commit.
    mutating func measure() {
        ratePeak = max(ratePeak, rate)
        for (pool, size) in sizes where size > workersPeak[pool] ?? 0 { workersPeak[pool] = size }
    }
}
