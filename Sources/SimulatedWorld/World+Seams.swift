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
            case .restarted, .synced, .deleted: event
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
            guard let first = tree["status"]?["arrivals"]?[0], var status = tree["status"], status["state"] == "Waiting" else {
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

    /// Reports under whatever fence is current.
    func tampered(_ request: ExchangeRequest) -> ExchangeRequest {
        guard scenario.mutant == .fence else { return request }
        var changed = request
        changed.reports = request.reports.map { report in
            var report = report
            guard let status = store.get(report.task)?.tree["status"] else { return report }
            report.fence = Int(status["fence"]?.int ?? Int64(report.fence))
            report.attempt = Int(status["attempt"]?.int ?? Int64(report.attempt))
            return report
        }
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
