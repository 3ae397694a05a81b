import Ports

extension StoreWatch {
    /// The next events until there are `count`.
    func take(_ count: Int) async throws -> [StoreEvent] {
        try await within { [self] in
            var events: [StoreEvent] = []
            while events.count < count {
                guard let more = try await next() else {
                    throw LawBroken(description: "the watch ended after \(events)")
                }
                try require(!more.isEmpty, "the watch answered with nothing")
                events += more
            }
            return events
        }
    }

    /// The next events up to the change of that version.
    func take(upTo version: UInt64) async throws -> [StoreEvent] {
        try await within { [self] in
            var events: [StoreEvent] = []
            while events.changes.last.map({ $0.version < version }) ?? true {
                guard let more = try await next() else {
                    throw LawBroken(description: "the watch ended after \(events)")
                }
                events += more
            }
            return events
        }
    }

    /// The error, if any, with which the watch ends.
    func end() async throws -> StoreError? {
        try await within { [self] in
            do {
                while try await next() != nil {}
                return nil
            } catch let error as StoreError {
                return error
            }
        }
    }
}

extension [StoreEvent] {
    /// The changes alone, without the snapshot.
    var changes: [StoredObject] {
        compactMap {
            switch $0 {
            case .applied(let object, _), .replaced(let object, _), .deleted(let object): object
            case .restarted, .initial, .synced: nil
            }
        }
    }

    /// The state that a reader who follows the events ends with, in key order.
    func replayed() throws -> [StoredObject] {
        var state: [StoredObject] = []
        for event in self {
            switch event {
            case .restarted: state = []
            case .synced: break
            case .initial(let object):
                try require(!state.contains { $0.key == object.key }, "the snapshot has \(object.key) twice")
                state.append(object)
            case .applied(let object, let created):
                let standing = state.firstIndex { $0.key == object.key }
                try require(created == (standing == nil), "\(object.key) at \(object.version) says created: \(created)")
                if let standing { state[standing] = object } else { state.append(object) }
            case .replaced(let object, let old):
                let standing = state.firstIndex { $0.key == object.key }
                guard let standing, state[standing] == old else {
                    throw LawBroken(description: "\(object.key) at \(object.version) replaces what did not stand")
                }
                state[standing] = object
            case .deleted(let object):
                let standing = state.firstIndex { $0.key == object.key }
                guard let standing else { throw LawBroken(description: "\(object.key) was deleted and did not stand") }
                state.remove(at: standing)
            }
        }
        return state.sorted { $0.key < $1.key }
    }
}
