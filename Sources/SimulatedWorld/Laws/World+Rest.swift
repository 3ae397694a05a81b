import Coordinator
import Engine
import Model
import Ports
import Storage
import Tree

// The drawn worlds: once nothing goes wrong any more everything is as it should be or says why not, and then rests.
extension World {
    /// Writes at rest that time alone explains: a cool-down that ends, a day that begins.
    private static let laterSteps = 12

    mutating func judgeWide() {
        defer { if !isOver { add(.judge, after: .seconds(1)) } }
        let sinceCalm = now - .origin - scenario.calm
        judgeMaking(sinceCalm)
        if let reason = unconverged() {
            let bound = scenario.hasPoison ? World.convergenceBound * 4 : World.convergenceBound
            if sinceCalm > bound { fail(.convergence, "\(sinceCalm.text) after calm: \(reason)") }
            (convergedAt, restVersion) = (nil, nil)
            return
        }
        guard let at = convergedAt else {
            convergedAt = now
            convergenceTime = convergenceTime ?? sinceCalm
            trace.say(now, "converged")
            witness.writes.reset()
            return
        }
        guard let standing = restVersion else {
            guard now - at >= .seconds(5) else { return }
            restVersion = (store.version, mutations)
            restBegan = now
            return
        }
        if store.version != standing.version || mutations != standing.mutations {
            laterSteps += 1
            if laterSteps > Self.laterSteps {
                return fail(.rest, "never rests: \(witness.writes.summary)")
            }
            restVersion = nil
            convergedAt = now
            return
        }
        guard now - restBegan >= scenario.rest else { return }
        judgeEnd()
        isOver = true
    }

    /// What must hold of everything once a world has come to rest.
    private mutating func judgeEnd() {
        let objects = store.list(StoreQuery()).objects
        judgeBounds(objects)
        judgeSecrets(objects)
        judgeOrphans(objects)
        judgeCache(objects)
        judgeAccounts(objects)
        judgeSums(objects)
        for verdict in Oracle.judge(objects, witness: witness, scenario: scenario) { fail(.result, verdict) }
    }

    /// L8: the controller remembers what stands, not what was.
    private mutating func judgeBounds(_ objects: [StoredObject]) {
        guard let leader = aliveControllers.last else { return }
        let engine = cores[leader].engine
        let workers = Set(objects.filter { $0.key.kind == .worker }.map(\.uid))
        let tasks = Set(objects.filter { $0.key.kind == .task }.map(\.key))
        if let uid = engine.live.leases.keys.filter({ !workers.contains($0) }).min() {
            fail(.bounded, "a lease of \(uid) is remembered, and there is no such worker")
        }
        if let uid = engine.live.observations.keys.filter({ !workers.contains($0) }).min() {
            fail(.bounded, "an observation of \(uid) is remembered, and there is no such worker")
        }
        if let uid = engine.live.calls.keys.filter({ !workers.contains($0) }).min() {
            fail(.bounded, "calls for \(uid) are remembered, and there is no such worker")
        }
        if let key = engine.live.reports.keys.filter({ !tasks.contains($0) }).min() {
            fail(.bounded, "reports of \(key) are remembered, and there is no such task")
        }
    }

    /// S6: once nothing is on its way, the leader knows what stands and nothing else.
    private mutating func judgeCache(_ objects: [StoredObject]) {
        guard let leader = aliveControllers.last else { return }
        let cache = cores[leader].engine.cache
        for object in objects where object.key.kind.isOwn {
            guard cache.version(of: object.key) != object.version else { continue }
            let known = cache.version(of: object.key).map { "version \($0)" } ?? "nothing"
            return fail(.noTimeTravel, "the leader knows \(known) of \(object.key), and \(object.version) stands")
        }
        let keys = Set(objects.map(\.key))
        for kind in Kind.own {
            guard let key = cache.keys(of: kind).filter({ !keys.contains($0) }).min() else { continue }
            return fail(.noTimeTravel, "the leader knows \(key), which is gone")
        }
    }

    /// L1: whatever changes wakes all whom it concerns. The resync, minutes later, is for what nobody thought of. Asked
    /// of small worlds: in wide ones plans say more of prices and regions than wakes them.
    mutating func judgeWakes(_ leader: Int) {
        guard scenario.kind == .small, scenario.seed % Self.wakesEvery == 0, leader == aliveControllers.last,
            now - controllers[leader].wakesJudgedAt >= .seconds(1)
        else { return }
        controllers[leader].wakesJudgedAt = now
        let moment = Moment(instant: now, wall: wall(controllers[leader].skew))
        guard let found = cores[leader].engine.overlooked(soon: .seconds(5), now: moment) else { return }
        fail(
            .convergence,
            "nobody woke \(found.key), and a decision would change something: "
                + cores[leader].changes(of: found.key, to: found.tree))
    }

    private static let wakesEvery: UInt64 = 2

    /// S14: a secret is in the Secret and nowhere else.
    private mutating func judgeSecrets(_ objects: [StoredObject]) {
        guard objects.contains(where: { $0.key == WideScript.secretKey }) else { return }
        for object in objects where object.key.kind != .secret {
            for text in [WideScript.secretPlain, WideScript.secretText] where object.tree.mentions(text) {
                return fail(.secrets, "\(object.key) holds a secret's value")
            }
        }
    }

    /// What was made by an object goes with it.
    private mutating func judgeOrphans(_ objects: [StoredObject]) {
        let uids = Set(objects.map(\.uid))
        for object in objects where object.key.kind.isOwn {
            for owner in object.tree["metadata"]?["ownerReferences"]?.array ?? [] {
                guard let uid = owner["uid"]?.string, !uids.contains(uid) else { continue }
                return fail(
                    .noLeak, "\(object.key) is left of \(owner["kind"]?.string ?? "") \(owner["name"]?.string ?? "")")
            }
        }
    }
}

extension Tree {
    /// Whether a text stands in any string of it.
    func mentions(_ text: String) -> Bool {
        switch self {
        case .string(let value): value.holds(text)
        case .array(let items): items.contains { $0.mentions(text) }
        case .object(let members): members.elements.contains { $0.value.mentions(text) }
        default: false
        }
    }
}
