import Coordinator
import Engine
import Model
import Ports

/// Which effects are carried out now and which wait for their turn, lane by lane, so that an engine that hangs holds up
/// nobody but itself.
///
/// What waits is bounded by what it is about: one commit a key, one call a worker, one list a region, one probe an
/// endpoint, one removal a task that was deleted.
struct EffectLanes<Effect: Sendable>: Sendable {
    private struct Lane {
        var running = 0
        /// In order; what stands before `first` was carried out.
        var waiting: [Effect?] = []
        var first = 0
    }

    /// At once, on each lane.
    static var most: Int { 64 }

    /// Those with something in flight, no others.
    private var lanes: [String: Lane] = [:]

    var running: Int { lanes.values.reduce(0) { $0 + $1.running } }
    var waiting: Int { lanes.values.reduce(0) { $0 + $1.waiting.count - $1.first } }

    /// True: carry it out now. False: it is handed out by `end` when its turn comes.
    mutating func begin(_ effect: Effect, on name: String) -> Bool {
        var lane = lanes.removeValue(forKey: name) ?? Lane()
        defer { lanes[name] = lane }
        if lane.running < Self.most {
            lane.running += 1
            return true
        }
        lane.waiting.append(effect)
        return false
    }

    /// One has been carried out: the next to carry out in its place.
    mutating func end(on name: String) -> Effect? {
        guard var lane = lanes.removeValue(forKey: name) else { return nil }
        var next: Effect?
        if lane.first < lane.waiting.count {
            next = lane.waiting[lane.first]
            lane.waiting[lane.first] = nil
            lane.first += 1
            if lane.first == lane.waiting.count { (lane.waiting, lane.first) = ([], 0) }
        } else {
            lane.running -= 1
        }
        if lane.running > 0 { lanes[name] = lane }
        return next
    }
}

extension CoordinatorCore.Effect {
    /// Nil: it takes no time, and is carried out at once.
    var lane: String? {
        switch self {
        case .reply, .notice, .stop: nil
        // Each namespace has its own: who floods his waits for himself.
        case .commit(_, let batch): "store \(batch.writes.first?.key.namespace ?? "")"
        case .refresh: "store"
        case .create(let call, _), .release(let call, _), .observe(let call, _): "region \(call.region)"
        case .inventory(let region, _), .releaseOrphan(let region, _): "inventory \(region)"
        case .probe: "probes"
        case .removeBlobs: "blobs"
        }
    }
}
