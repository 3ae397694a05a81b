import Model
import Ports
import Tree

/// What a plan must come to, by a small model of dependencies, retries, time limits and barriers that shares nothing
/// with the code under test: for every task the ends that are possible, and for the plan what follows.
struct Oracle {
    /// How a task can end.
    struct Ends: OptionSet, Sendable {
        let rawValue: Int
        static let succeeded = Ends(rawValue: 1)
        static let failed = Ends(rawValue: 2)
        static let timedOut = Ends(rawValue: 4)
        /// Never ran, since what it waits for ended wrong.
        static let barred = Ends(rawValue: 8)
        /// Never ran, since it was not needed.
        static let unneeded = Ends(rawValue: 16)
        static let bad: Ends = [.failed, .timedOut, .barred]
        static let good: Ends = [.succeeded, .unneeded]
    }

    private let spec: ExecutionPlanSpec
    private let tasks: [String: (task: PlanTask, region: String?)]
    /// Whether anything but the plan itself could change how an attempt ends.
    private let isDisturbed: Bool
    /// Whether somebody killed attempts, which counts as their failure.
    private let killsAttempts: Bool
    private var known: [String: Ends] = [:]

    init(_ spec: ExecutionPlanSpec, isDisturbed: Bool, killsAttempts: Bool = false) {
        self.spec = spec
        self.isDisturbed = isDisturbed
        self.killsAttempts = killsAttempts
        tasks = Dictionary(spec.allTasks.map { ($0.task.name, ($0.task, $0.region?.region)) }) { first, _ in first }
    }

    /// What the recorded ends of plans are that can't be, in words.
    static func judge(_ objects: [StoredObject], witness: Witness, scenario: Scenario) -> [String] {
        let touched = Set(scenario.deeds.compactMap { $0.deed.changesPlan })
        let calm = scenario.isCalm && !scenario.hasPoison
        var wrong: [String] = []
        for object in objects where object.key.kind == .executionPlan && !touched.contains(object.key) {
            guard let plan = try? ExecutionPlan(tree: object.tree), plan.status.phase.isTerminal,
                plan.status.phase != .cancelled, plan.status.reason != Reason.timedOut.rawValue
            else { continue }
            // What a poisonous task takes along again and again fails with it.
            let kills =
                scenario.hasPoison
                || scenario.faults.contains { if case .killAttempt = $0.kind { true } else { false } }
            var oracle = Oracle(plan.spec, isDisturbed: !calm, killsAttempts: kills)
            let own = objects.filter { $0.key.kind == .task && $0.isOwned(by: plan.metadata.uid) }
            wrong += oracle.compare(plan, own.compactMap { try? WorkTask(tree: $0.tree) })
        }
        return wrong
    }

    private mutating func compare(_ plan: ExecutionPlan, _ own: [WorkTask]) -> [String] {
        var wrong: [String] = []
        for task in own {
            let possible = ends(of: task.spec.task)
            let found = Self.end(task)
            if possible.isDisjoint(with: found) {
                let why = "\(task.status.phase.rawValue) \(task.status.reason ?? "") \(task.status.message ?? "")"
                wrong.append("\(task.key) ended \(why), which what it depends on and what it did do not allow")
            }
        }
        if own.count < plan.spec.taskCount { wrong.append("\(plan.key) ended with \(own.count) tasks") }
        let found = own.map(Self.end)
        let isGood = found.allSatisfy { Ends.good.contains($0) }
        let shouldFail = found.contains { !$0.isDisjoint(with: [.failed, .timedOut]) } || barred(own)
        if plan.status.phase == .failed, isGood {
            wrong.append("\(plan.key) failed, and every task that was needed succeeded: \(plan.status.message ?? "")")
        }
        if plan.status.phase == .succeeded, shouldFail { wrong.append("\(plan.key) succeeded, and not all of it did") }
        return wrong
    }

    /// A task for the usual case that never ran.
    private func barred(_ own: [WorkTask]) -> Bool {
        own.contains { Self.end($0) == .barred && $0.spec.runWhen == .succeeded }
    }

    private static func end(_ task: WorkTask) -> Ends {
        switch task.status.phase.rawValue {
        case "Succeeded": .succeeded
        case "Failed": .failed
        case "TimedOut": .timedOut
        case "Skipped": .unneeded
        default: task.status.reason == Reason.cancelled.rawValue ? .unneeded : .barred
        }
    }

    // MARK: The model

    private mutating func ends(of name: String) -> Ends {
        if let done = known[name] { return done }
        guard let (task, _) = tasks[name] else { return [.succeeded, .failed, .timedOut, .barred, .unneeded] }
        known[name] = []
        var result: Ends = []
        let before = task.dependsOn.map { ends(of: $0) }
        let canBeGood = before.allSatisfy { !$0.isDisjoint(with: .good) }
        let canBeBad = before.contains { !$0.isDisjoint(with: .bad) }
        switch task.runWhen {
        case .succeeded:
            if canBeGood { result.formUnion(work(task)) }
            if canBeBad { result.insert(.barred) }
        case .failed:
            if canBeBad || before.isEmpty { result.formUnion(work(task)) }
            if canBeGood, !before.isEmpty { result.insert(.unneeded) }
        case .always: result.formUnion(work(task))
        }
        // A barrier bars when somebody can't arrive, or when its time is up.
        if !task.waitFor.isEmpty, barrierMayFail(task) { result.insert(.barred) }
        known[name] = result
        return result
    }

    private mutating func barrierMayFail(_ task: PlanTask) -> Bool {
        for name in task.waitFor {
            guard let point = spec.synchronization?.points.first(where: { $0.name == name }) else { return true }
            if point.onTimeout == .fail && point.timeout > .zero || !point.plans.isEmpty { return true }
            let owed =
                point.after.isEmpty
                ? tasks.keys.sorted().filter { tasks[$0]?.task.waitFor.isEmpty == true } : point.after
            for other in owed where !ends(of: other).isDisjoint(with: [.bad, .unneeded]) { return true }
        }
        return false
    }

    private func work(_ task: PlanTask) -> Ends {
        guard let work = Work(task.run.command) else { return [.succeeded, .failed, .timedOut] }
        if work.isPoison { return [.failed, .timedOut] }
        var result: Ends = []
        // What it is given may not be there: a secret, or what a task wrote that did not succeed.
        let asks = task.run.env.contains { $0.secretRef != nil || $0.value?.contains("${") == true }
        if asks { result.insert(.failed) }
        let limit = (task.retry ?? spec.faultTolerance.retry).limit
        if work.failures <= limit { result.insert(.succeeded) }
        if work.failures > limit || killsAttempts { result.insert(.failed) }
        // An attempt that failed while its worker was lost does not count.
        if work.failures > limit, isDisturbed { result.insert(.succeeded) }
        guard let timeout = task.timeout else { return result }
        if work.length + .seconds(1) < timeout, !isDisturbed { return result }
        if work.length > timeout + .seconds(1), !isDisturbed { return .timedOut }
        return result.union([.succeeded, .failed, .timedOut])
    }
}

extension Deed {
    /// Without what it is about.
    var name: String {
        switch self {
        case .create: "create"
        case .delete: "delete"
        case .scale: "scale"
        case .suspend(_, let value): value ? "suspend" : "resume"
        case .cancel: "cancel"
        case .deleteWorker: "deleteWorker"
        case .maintain: "maintain"
        case .set(let key, let path, _): "set \(key.kind.rawValue) \(path.joined(separator: "."))"
        case .apply: "apply"
        case .recreate: "recreate"
        case .createOnceGone: "createOnceGone"
        case .arrive: "arrive"
        case .forge: "forge"
        case .limitAge: "limitAge"
        }
    }

    /// The plan that a person changes by it.
    var changesPlan: ObjectKey? {
        switch self {
        case .delete(let key), .cancel(let key), .set(let key, _, _), .apply(let key, _), .recreate(let key, _),
            .createOnceGone(let key, _, _):
            key.kind == .executionPlan ? key : nil
        default: nil
        }
    }

    /// Whether it can end an attempt that nobody was to end.
    var disturbsWorkers: Bool {
        switch self {
        case .create, .suspend, .cancel, .arrive, .forge, .limitAge: false
        default: true
        }
    }
}
