import Model
import Ports
import Synchronization
import Tree

/// One watch as its client sees it: an object that comes to match appears, one that no longer does disappears.
final class WatchView: Sendable {
    private struct State {
        var shown: Set<ObjectKey> = []
        var version: UInt64 = 0
        /// Columns are described once, with the first row.
        var hasColumns = false
    }

    private let filter: Filter
    private let kind: Kind
    private let view: View
    private let bookmarks: Bool
    /// Whether it began with a snapshot, so that what was never shown is new to its client.
    private let isWhole: Bool
    /// Whether the bookmark after the snapshot says that the snapshot ends there.
    private let marksEnd: Bool
    private let state = Mutex(State())

    init(_ filter: Filter, _ kind: Kind, _ view: View, bookmarks: Bool, isWhole: Bool, marksEnd: Bool) {
        self.filter = filter
        self.kind = kind
        self.view = view
        self.bookmarks = bookmarks
        self.isWhole = isWhole
        self.marksEnd = marksEnd
    }

    func line(of event: StoreEvent) -> Tree? {
        switch event {
        case .initial(let object): return admit(object, created: true)
        case .applied(let object, let created):
            state.withLock { $0.version = object.version }
            return admit(object, created: created)
        case .deleted(let object):
            state.withLock { $0.version = object.version }
            let wasShown = forget(object.key)
            return wasShown || filter.admits(object) ? line("DELETED", object) : nil
        case .synced(let version):
            state.withLock { $0.version = version }
            return mark(version, endsSnapshot: marksEnd)
        case .restarted: return nil
        }
    }

    /// The bookmark of what was shown so far; nil where none was asked for or nothing is known.
    var bookmark: Tree? {
        let version = state.withLock { $0.version }
        return version > 0 ? mark(version, endsSnapshot: false) : nil
    }

    private func mark(_ version: UInt64, endsSnapshot: Bool) -> Tree? {
        guard bookmarks else { return nil }
        var metadata: Tree = ["resourceVersion": .string(String(version))]
        if endsSnapshot { metadata["annotations"] = ["k8s.io/initial-events-end": "true"] }
        switch view.form {
        case .table: return ["type": "BOOKMARK", "object": view.table.table([], metadata: metadata)]
        case .metadata: return ["type": "BOOKMARK", "object": TableView.partial(["metadata": metadata])]
        case .object, .yaml, .discovery:
            return [
                "type": "BOOKMARK",
                "object": [
                    "kind": .string(kind.rawValue), "apiVersion": .string(kind.apiVersion), "metadata": metadata,
                ],
            ]
        }
    }

    private func line(_ type: Tree, _ object: StoredObject) -> Tree {
        switch view.form {
        case .object, .yaml, .discovery: return ["type": type, "object": object.tree]
        case .metadata: return ["type": type, "object": TableView.partial(object.tree)]
        case .table:
            let isFirst = state.withLock { state in
                defer { state.hasColumns = true }
                return !state.hasColumns
            }
            let metadata: Tree = ["resourceVersion": .string(String(object.version))]
            return ["type": type, "object": view.table.table([object.tree], metadata: metadata, withColumns: isFirst)]
        }
    }

    private func admit(_ object: StoredObject, created: Bool) -> Tree? {
        guard filter.admits(object) else { return forget(object.key) ? line("DELETED", object) : nil }
        // Without a filter everything matches always, and nothing has to be remembered.
        let isFresh = filter.isOpen ? created : state.withLock { $0.shown.insert(object.key).inserted }
        return line(created || (isFresh && isWhole) ? "ADDED" : "MODIFIED", object)
    }

    private func forget(_ key: ObjectKey) -> Bool { state.withLock { $0.shown.remove(key) != nil } }
}
