import Coordinator
import Engine
import Model
import Ports
import Tree
import WorkerProtocol

// For whoever reads a trace: what a controller was told, and what it asked for.
extension World {
    mutating func explain(_ index: Int, _ input: CoordinatorCore.Input, _ effects: [CoordinatorCore.Effect]) {
        if let told = Self.told(input) { trace.say(now, "  controller \(index) hears \(told)") }
        for effect in effects {
            for asked in Self.asked(effect) { trace.say(now, "  controller \(index) decides \(asked)") }
        }
    }

    /// Where two trees differ, the first few places.
    static func differences(_ before: Tree, _ after: Tree) -> [String] {
        var found: [String] = []
        func walk(_ path: String, _ before: Tree?, _ after: Tree?) {
            guard before != after, found.count < 4 else { return }
            if case .object(let old)? = before, case .object(let new)? = after {
                for name in Set(old.elements.map(\.key) + new.elements.map(\.key)).sorted() {
                    walk(path.isEmpty ? name : "\(path).\(name)", old[name], new[name])
                }
                return
            }
            func word(_ tree: Tree?) -> String { tree.map { String(Witness.text($0).prefix(120)) } ?? "absent" }
            found.append("\(path): \(word(before)) → \(word(after))")
        }
        walk("", before, after)
        return found
    }

    private static func told(_ input: CoordinatorCore.Input) -> String? {
        switch input {
        case .store(let events): "of \(events.count) changes"
        case .relisted(let list): "a list of \(list.objects.count) objects at \(list.version)"
        case .refreshed(let key, let object, _): "\(key) is at \(object.map { "\($0.version)" } ?? "nothing")"
        case .committed(let id, .success): "commit \(id) is done"
        case .committed(let id, .failure(let error)): "commit \(id) failed: \(error)"
        case .called(let call, .success): "\(call.verb) of \(call.worker) was taken"
        case .called(let call, .failure(let error)): "\(call.verb) of \(call.worker) failed: \(error.message)"
        case .inventoried(let region, .success(let list), _): "a list of \(list.count) from \(region)"
        case .inventoried(let region, .failure(let error), _): "no list from \(region): \(error.message)"
        case .observed(let observation): "worker \(observation.workerUID.prefix(8)) is \(observation.state)"
        case .followed(let region, let isFollowed, _): "\(region) \(isFollowed ? "tells of changes" : "is silent")"
        case .probed(let endpoint, let state): "\(endpoint) \(state.message)"
        case .join(_, let request, _): "worker \(request.workerUID.prefix(8)) joins"
        case .exchange(_, let request, _):
            request.reports.isEmpty
                ? nil : "\(request.reports.count) reports of worker \(request.workerUID.prefix(8))"
        default: nil
        }
    }

    private static func asked(_ effect: CoordinatorCore.Effect) -> [String] {
        switch effect {
        case .commit(let id, let batch): batch.writes.map { "commit \(id): \(written($0))" }
        case .refresh(let keys): ["to read \(keys.map(\.description).joined(separator: ", ")) again"]
        case .create(let call, _), .release(let call, _), .observe(let call, _):
            ["\(call.verb) \(call.worker): \(call.reason)"]
        case .inventory(let region, _): ["to list \(region)"]
        case .releaseOrphan(let region, let worker): ["to release the orphan \(worker.workerUID) in \(region)"]
        case .probe(let endpoint): ["to look at \(endpoint)"]
        case .removeBlobs(let prefix): ["to remove \(prefix)"]
        case .stop(let reason): ["to end: \(reason)"]
        default: []
        }
    }

    private static func written(_ write: Write) -> String {
        switch write {
        case .create(let key, let tree): "create \(key) \(Witness.gist(tree))"
        case .update(let key, let tree, let version): "update \(key) at \(version) \(Witness.gist(tree))"
        case .remove(let key, let version): "remove \(key) at \(version)"
        }
    }
}
