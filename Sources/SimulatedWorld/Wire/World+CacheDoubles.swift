import Coordinator
import Engine
import Model
import Ports

// What a controller would take for the state, were it told otherwise (S6).
extension World {
    /// A list that does not name two objects that it knows.
    mutating func tryRelist(_ index: Int, _ list: ListResult) {
        guard scenario.kind.isDrawnWide, controllers[index].frozenUntil <= now else { return }
        let known = list.objects.filter { $0.key.kind.isOwn && cores[index].engine.cache.version(of: $0.key) != nil }
        let gone = Set(known.prefix(2).map(\.key))
        guard !gone.isEmpty else { return }
        let shorter = ListResult(objects: list.objects.filter { !gone.contains($0.key) }, version: list.version)
        var double = cores[index]
        _ = double.handle(.relisted(shorter), now: Moment(instant: now, wall: wall(controllers[index].skew)))
        guard let kept = gone.filter({ double.engine.cache.version(of: $0) != nil }).min() else { return }
        fail(.noTimeTravel, "controller \(index) would know \(kept), which a whole list does not name")
    }

    /// What the watch said of objects before a change that it knows.
    mutating func tryOlder(_ index: Int, _ former: [StoredObject?]) {
        let old = former.compactMap { $0 }.filter { object in
            cores[index].engine.cache.version(of: object.key).map { $0 > object.version } ?? false
        }
        guard scenario.kind.isDrawnWide, controllers[index].frozenUntil <= now, !old.isEmpty else { return }
        var double = cores[index]
        let events = old.map { StoreEvent.applied($0, created: false) }
        _ = double.handle(.store(events), now: Moment(instant: now, wall: wall(controllers[index].skew)))
        for object in old {
            guard let version = double.engine.cache.version(of: object.key), version <= object.version else { continue }
            fail(.noTimeTravel, "controller \(index) would go back to version \(version) of \(object.key)")
        }
    }
}
