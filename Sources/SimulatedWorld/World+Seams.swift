import Model
import Ports
import Storage
import Tree
import WorkerProtocol

// The seams at which mutants change what passes; without one everything passes as it is.
extension World {
    func tampered(_ events: [StoreEvent]) -> [StoreEvent] {
        guard scenario.mutant == .barrier || scenario.mutant == .order else { return events }
        return events.map { event in
            switch event {
            case .initial(let object): .initial(tampered(object))
            case .applied(let object, let created): .applied(tampered(object), created: created)
            case .restarted, .synced, .deleted, .replaced: event
            }
        }
    }

    func tampered(_ objects: [StoredObject]) -> [StoredObject] {
        guard scenario.mutant == .barrier || scenario.mutant == .order else { return objects }
        return objects.map { tampered($0) }
    }

    private func tampered(_ object: StoredObject) -> StoredObject {
        var tree = object.tree
        switch (scenario.mutant, object.key.kind) {
        case (.barrier, .syncPoint):
            guard let first = tree["status"]?["arrivals"]?[0], var status = tree["status"], status["state"] == "Waiting"
            else {
                return object
            }
            status["arrivals"] = .array((status["arrivals"]?.array ?? []) + [first])
            tree["status"] = status
        case (.order, .task):
            guard var spec = tree["spec"] else { return object }
            spec["dependsOn"] = nil
            tree["spec"] = spec
        default: return object
        }
        return StoredObject(key: object.key, uid: object.uid, version: object.version, tree: tree)
    }

    func tampered(_ receipt: CommitReceipt) -> CommitReceipt {
        guard scenario.mutant == .barrier || scenario.mutant == .order else { return receipt }
        return CommitReceipt(version: receipt.version, objects: receipt.objects.map { $0.map { tampered($0) } })
    }

    /// The end of an earlier attempt, told again as that of the attempt the agent holds now.
    mutating func tampered(_ request: ExchangeRequest) -> ExchangeRequest {
        guard scenario.mutant == .fence else { return request }
        var changed = request
        for holding in request.holding {
            guard var old = formerEnds[holding.taskUID], old.fence < holding.fence else { continue }
            (old.fence, old.attempt) = (holding.fence, holding.fence)
            old.sequence = (changed.reports.map(\.sequence).max() ?? old.sequence) + 1
            changed.reports.append(old)
            formerEnds[holding.taskUID] = nil
        }
        for report in request.reports where report.phase == .ended { formerEnds[report.taskUID] = report }
        return changed
    }

    func tampered(_ reply: ExchangeReply, to request: SimulatedRequest) -> ExchangeReply {
        var changed = reply
        if scenario.mutant == .acknowledge, case .exchange(let asked, _) = request.payload {
            changed.acknowledged = max(reply.acknowledged, asked.reports.map(\.sequence).max() ?? 0)
        }
        if scenario.mutant == .exclusive {
            changed.assignments = reply.assignments?.map { assignment in
                var assignment = assignment
                assignment.exclusive = false
                return assignment
            }
        }
        return changed
    }
}
