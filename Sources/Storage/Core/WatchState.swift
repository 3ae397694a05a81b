import Model
package import Ports

/// Where one watch stands. It holds no events of its own: the snapshot it begins with is shared with the store, and
/// changes are read from the store's history, whose bound is therefore the bound of a slow reader.
package struct WatchState: Sendable {
    private enum Phase: Sendable {
        case snapshot(ObjectTable, started: Bool, after: ObjectKey?)
        case resumed
        case live
    }

    package let query: StoreQuery
    /// Everything up to this version has been said.
    package private(set) var position: UInt64
    private var phase: Phase

    init(_ query: StoreQuery, snapshotOf core: StoreCore) {
        self.query = query
        position = core.version
        phase = .snapshot(core.objects, started: false, after: nil)
    }

    init(_ query: StoreQuery, from version: UInt64) {
        self.query = query
        position = version
        phase = .resumed
    }

    /// The next events, at most `limit` (and at least room for two); none means that the watch has caught up.
    package mutating func pull(from core: borrowing StoreCore, limit: Int) throws(StoreError) -> [StoreEvent] {
        switch phase {
        case .snapshot(let table, let started, let last):
            return pull(from: table, started: started, after: last, limit: max(2, limit))
        case .resumed:
            phase = .live
            return [.synced(version: position)]
        case .live:
            return try pullChanges(from: core, limit: limit)
        }
    }

    private mutating func pull(
        from table: ObjectTable, started: Bool, after last: ObjectKey?, limit: Int
    ) -> [StoreEvent] {
        var events: [StoreEvent] = started ? [] : [.restarted]
        let objects = table.scan(query, after: last, limit: limit - events.count)
        events += objects.map { .initial($0) }
        if events.count < limit {
            phase = .live
            events.append(.synced(version: position))
        } else {
            phase = .snapshot(table, started: true, after: objects.last?.key ?? last)
        }
        return events
    }

    private mutating func pullChanges(from core: borrowing StoreCore, limit: Int) throws(StoreError) -> [StoreEvent] {
        if position < core.history.floor { throw .expired(position, oldest: core.history.floor) }
        var events: [StoreEvent] = []
        while events.count < limit, let change = core.history[position + 1] {
            position += 1
            if query.matches(change.entry.object.key) { events.append(change.event(comparing: query.comparing)) }
        }
        return events
    }
}
