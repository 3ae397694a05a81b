/// Workers that say they follow a later leader. One question to the store is under way at a time, and it judges those
/// that had claimed before it was asked: what was claimed later may be true by then.
struct LeadClaims: Sendable {
    /// Epochs by worker uid, not yet asked about. As many as there are workers, at most.
    private var waiting: [String: Int] = [:]
    private var asked: [String: Int]?

    mutating func heard(_ workerUID: String, _ epoch: Int) { waiting[workerUID] = epoch }

    /// Whether the store is to be asked now.
    mutating func ask() -> Bool {
        guard asked == nil, !waiting.isEmpty else { return false }
        asked = waiting
        waiting = [:]
        return true
    }

    /// Who lied. Where the store could not be asked nobody is judged: who means it claims again.
    mutating func answered(_ isConfirmed: Bool) -> [(workerUID: String, epoch: Int)] {
        let judged = asked ?? [:]
        asked = nil
        guard isConfirmed else { return [] }
        return judged.keys.sorted().map { ($0, judged[$0] ?? 0) }
    }
}
