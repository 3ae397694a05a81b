import Model
import Ports
import Storage
import Tree

// Faults begin and end.
extension World {
    mutating func begin(_ fault: Fault) {
        trace.say(now, "FAULT \(fault.kind) for \(fault.lasts.text)")
        switch fault.kind {
        case .crash(let effect, let point): armedCrash = (effect, point)
        case .secondLeader:
            activeFaults.append(fault)
            startController()
        case .freezeController:
            guard let leader = aliveControllers.last else { return }
            controllers[leader].frozenUntil = now + fault.lasts
        case .brokenWatch: if let leader = aliveControllers.last { breakWatch(leader) }
        case .killAgent(let index):
            if let agent = pickAgent(index) { agentGone(agent, "is killed") }
        case .freezeAgent(let index):
            if let agent = pickAgent(index) { agents[agent].frozenUntil = now + fault.lasts }
        case .killAttempt(let index):
            if !living.isEmpty { attemptEnds(living[index % living.count], signal: 9) }
        case .partition(let which):
            let agent = which.flatMap(pickAgent)
            if which != nil, agent == nil { return }
            activeFaults.append(Fault(at: fault.at, lasts: fault.lasts, kind: .partition(agent: agent)))
        default: activeFaults.append(fault)
        }
    }

    private func pickAgent(_ index: Int) -> Int? {
        let alive = agents.indices.filter { agents[$0].isAlive }
        return alive.isEmpty ? nil : alive[index % alive.count]
    }

    mutating func end(_ fault: Fault) {
        switch fault.kind {
        case .crash: armedCrash = nil
        case .secondLeader:
            // The old one has had its time: its process ends, whether it noticed or not.
            for index in aliveControllers.dropLast() { crash(index) }
        default: break
        }
        activeFaults.removeAll { $0.at == fault.at && $0.lasts == fault.lasts }
    }

    // MARK: What people do

    mutating func act(_ deed: Deed) {
        trace.say(now, "DEED \(Witness.gist(deed))")
        switch deed {
        case .create(let key, let tree): commit(.init([.create(key, tree)]), by: nil)
        case .delete(let key): delete(key)
        case .scale(let key, let size):
            edit(key) { tree in
                var spec = tree["spec"] ?? .emptyObject
                spec["replicas"] = .int(Int64(size))
                spec["maxWorkers"] = .int(Int64(max(size, 1)))
                spec["minWorkers"] = .int(Int64(min(size, Int(spec["minWorkers"]?.int ?? 0))))
                tree["spec"] = spec
            }
        case .suspend(let key, let value): set(key, "suspend", value)
        case .cancel(let key): set(key, "cancel", true)
        case .deleteWorker(let index): if let key = pickWorker(index) { delete(key) }
        case .maintain(let index, let value): if let key = pickWorker(index) { set(key, "maintenance", value) }
        }
    }

    private func pickWorker(_ index: Int) -> ObjectKey? {
        let workers = store.list(.init(kinds: [.worker])).objects
        return workers.isEmpty ? nil : workers[index % workers.count].key
    }

    private mutating func set(_ key: ObjectKey, _ field: String, _ value: Bool) {
        edit(key) { tree in
            var spec = tree["spec"] ?? .emptyObject
            spec[field] = .bool(value)
            tree["spec"] = spec
        }
    }

    private mutating func edit(_ key: ObjectKey, _ change: (inout Tree) -> Void) {
        guard let standing = store.get(key) else { return }
        var tree = standing.tree
        change(&tree)
        var metadata = tree["metadata"] ?? .emptyObject
        metadata["generation"] = .int((metadata["generation"]?.int ?? 1) + 1)
        tree["metadata"] = metadata
        commit(.init([.update(key, tree, expecting: standing.version)]), by: nil)
    }

    private mutating func delete(_ key: ObjectKey) {
        guard let standing = store.get(key) else { return }
        guard standing.tree["metadata"]?["finalizers"]?.array?.isEmpty == false else {
            return _ = commit(.init([.remove(key, expecting: standing.version)]), by: nil)
        }
        guard standing.tree["metadata"]?["deletionTimestamp"] == nil else { return }
        var tree = standing.tree
        var metadata = tree["metadata"] ?? .emptyObject
        metadata["deletionTimestamp"] = .string(wall().wholeSeconds.description)
        tree["metadata"] = metadata
        commit(.init([.update(key, tree, expecting: standing.version)]), by: nil)
    }
}
