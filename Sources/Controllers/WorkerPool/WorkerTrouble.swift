import Model

/// Why workers can't be made, in the words of whoever refused: said where people look for it, on the pool, on its
/// region and on the plans that wait, and not on a worker alone that is replaced in the next minute.
enum WorkerTrouble {
    /// Between what is missing and why.
    static let separator = ": "

    /// Why a worker that never joined is not there; nil where nothing speaks against it.
    static func cause(of worker: Worker) -> String? {
        guard worker.status.onlineAt == nil else { return nil }
        if worker.status.state == .failed { return worker.status.failure?.message }
        let ready = worker.status.conditions[.ready]
        guard worker.status.state == .provisioning, ready?.reason == Reason.provisioningFailed.rawValue else {
            return nil
        }
        return ready?.message
    }

    /// Why the pool's workers are not there. Between two attempts of a slot the reason of the former stands.
    static func cause(of pool: WorkerPool, _ workers: [Worker]) -> String? {
        if let said = workers.lazy.compactMap(cause).first { return said }
        let ready = Set(workers.filter { $0.status.state.takesTasks }.map(\.spec.slot))
        guard pool.status.slots.contains(where: { $0.failures > 0 && !ready.contains($0.slot) }) else { return nil }
        return tail(of: pool.status.conditions[.ready], .provisioningFailed)
    }

    /// What a condition with that reason gives as its cause.
    static func tail(of condition: Condition?, _ reason: Reason) -> String? {
        guard let condition, condition.reason == reason.rawValue else { return nil }
        let rest = condition.message.drop { $0 != ":" }.dropFirst(separator.count)
        return rest.isEmpty ? nil : String(rest)
    }
}
