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

    /// Those with something in flight, no others.
    private var lanes: [EffectLane: Lane] = [:]

    var running: Int { lanes.values.reduce(0) { $0 + $1.running } }
    var waiting: Int { lanes.values.reduce(0) { $0 + $1.waiting.count - $1.first } }

    /// True: carry it out now. False: it is handed out by `end` when its turn comes.
    mutating func begin(_ effect: Effect, on name: EffectLane) -> Bool {
        var lane = lanes.removeValue(forKey: name) ?? Lane()
        defer { lanes[name] = lane }
        if lane.running < name.most {
            lane.running += 1
            return true
        }
        lane.waiting.append(effect)
        return false
    }

    /// One has been carried out: the next to carry out in its place.
    mutating func end(on name: EffectLane) -> Effect? {
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

/// Where an effect waits for its turn.
struct EffectLane: Sendable, Hashable {
    let name: String
    /// At once.
    var most = 64

    /// Nil: it takes no time, and is carried out at once.
    init?(_ effect: CoordinatorCore.Effect, _ engine: Engine) {
        switch effect {
        case .reply, .notice, .stop: return nil
        // Everybody's bindings are in one commit: it waits behind nobody's plans.
        case .commit(let id, _) where engine.isRound(id): name = "store round"
        case .commit(_, let batch):
            // Each namespace has its own: who floods his waits for himself. What makes hundreds of objects at once is
            // written one after the other, so that no more than that stands before anybody else's at the store.
            let namespace = batch.writes.first?.key.namespace ?? ""
            let isLarge = batch.writes.count >= Self.large
            name = "\(isLarge ? "making" : "store") \(namespace)"
            if isLarge { most = 1 }
        case .refresh: name = "store"
        case .create(let call, _), .release(let call, _), .observe(let call, _): name = "region \(call.region)"
        case .inventory(let region, _), .releaseOrphan(let region, _): name = "inventory \(region)"
        case .probe: name = "probes"
        case .removeBlobs: name = "blobs"
        }
    }

    private static let large = 32
}
