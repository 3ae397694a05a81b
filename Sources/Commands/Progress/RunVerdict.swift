import Model
import Tree

/// How far one object has come.
enum RunVerdict: Sendable, Hashable {
    case done
    /// It has work going on, or is not ready yet.
    case underWay
    /// It ended badly.
    case failed(String)
    /// It can't go on by itself, as far as one can see now.
    case stuck(String)

    /// Of any object with conditions: `Ready` or `Succeeded` says it, `Failed` and `Stalled` say why not.
    static func of(_ object: Tree) -> RunVerdict {
        guard let list = object["status"]?["conditions"] else { return .underWay }
        let conditions: [Condition]
        do throws(DecodingIssue) { conditions = try [Condition](tree: list) } catch {
            return .failed("its conditions can't be read: \(error)")
        }
        guard isCurrent(object["status"]?["observedGeneration"]?.int, object["metadata"]?["generation"]?.int) else {
            return .underWay
        }
        if let failed = conditions[.failed], failed.status == .yes { return .failed(failed.sentence) }
        if conditions.isTrue(.ready) || conditions.isTrue(.succeeded) { return .done }
        if let stalled = conditions[.stalled], stalled.status == .yes { return .stuck(stalled.sentence) }
        if let ready = conditions[.ready], ready.status == .no, Self.final.contains(ready.reason) {
            return .stuck(ready.sentence)
        }
        return .underWay
    }

    /// Reasons that time alone does not cure.
    private static let final: Set<String> = Set(
        [Reason.providerNotBuiltIn, .notAllowed, .noOffering, .invalidSpec, .budgetExceeded].map(\.rawValue))

    static func of(_ plan: ExecutionPlan) -> RunVerdict {
        let message = plan.status.message ?? plan.status.reason ?? plan.status.phase.rawValue
        guard isCurrent(plan.status.observedGeneration.map(Int64.init), Int64(plan.metadata.generation)) else {
            return .underWay
        }
        switch plan.status.phase {
        case .succeeded: return .done
        case .failed, .cancelled: return .failed(message)
        case .blocked: return .stuck(message)
        case .pending, .planning, .running:
            if let stalled = plan.status.conditions[.stalled], stalled.status == .yes {
                return .stuck(stalled.sentence)
            }
            return .underWay
        }
    }

    static func of(_ point: SyncPoint) -> RunVerdict {
        switch point.status.state {
        case .released: .done
        case .failed: .failed(point.status.conditions[.failed]?.sentence ?? "timed out")
        case .held: .stuck(point.status.conditions[.succeeded]?.sentence ?? "timed out and holds")
        case .waiting: .underWay
        }
    }

    private static func isCurrent(_ observed: Int64?, _ generation: Int64?) -> Bool {
        guard let observed, let generation else { return generation == nil || observed != nil }
        return observed >= generation
    }
}

extension Condition {
    /// `NoFeasibleWorker: 2 of 5 workers: GPU`
    var sentence: String { message.isEmpty ? reason : "\(reason): \(message)" }
}

extension RunBoard {
    /// Everything applied, with its verdict, in key order.
    var verdicts: [(key: ObjectKey, verdict: RunVerdict)] {
        var all = others
        for key in scope.plans where all[key] == nil { all[key] = .underWay }
        for plan in plans { all[plan.key] = .of(plan) }
        return all.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
    }

    /// Whether the controllers have done for now what they can: nothing waits for a first look, a round or a worker.
    var isSettled: Bool {
        let unsettled: Set<String> = Set([Reason.waitingForRound, .provisioningWorkers, .planning].map(\.rawValue))
        guard plans.count == scope.plans.count else { return false }
        for plan in plans {
            let verdict = RunVerdict.of(plan)
            guard verdict == .underWay else { continue }
            if plan.status.phase != .running { return false }
            if plan.status.observedGeneration.map({ $0 < plan.metadata.generation }) ?? true { return false }
        }
        if tasks.contains(where: { $0.phase == .pending && ($0.reason.isEmpty || unsettled.contains($0.reason)) }) {
            return false
        }
        return others.filter { $0.key.kind != .syncPoint }.allSatisfy { $0.value != .underWay }
    }
}
