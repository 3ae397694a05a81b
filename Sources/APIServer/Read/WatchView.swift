import Documents
import Model
import Ports
import Synchronization
import Tree

/// One watch as its client sees it: an object that comes to match appears, one that no longer does disappears as it
/// matched last. Whether it matched before is read from the state before, so that it is known from any version on.
final class WatchView: Sendable {
    private struct State {
        var version: UInt64 = 0
        /// Columns are described once, with the first row.
        var hasColumns = false
    }

    private let filter: Filter
    private let kind: Kind
    private let view: View
    private let bookmarks: Bool
    /// Whether the bookmark after the snapshot says that the snapshot ends there.
    private let marksEnd: Bool
    /// What happened up to this version is known to the client already.
    private let first: UInt64
    private let state = Mutex(State())

    init(_ filter: Filter, _ kind: Kind, _ view: View, bookmarks: Bool, marksEnd: Bool, after first: UInt64) {
        self.filter = filter
        self.kind = kind
        self.view = view
        self.bookmarks = bookmarks
        self.marksEnd = marksEnd
        self.first = first
    }

    /// Adds the line of an event, if it concerns the client.
    func append(_ event: StoreEvent, to lines: inout [UInt8]) {
        switch event {
        case .initial(let object): if filter.admits(object) { append("ADDED", object, &lines) }
        case .applied(let object, let created):
            guard see(object) else { return }
            if filter.admits(object) { append(created ? "ADDED" : "MODIFIED", object, &lines) }
        case .replaced(let object, let old):
            guard see(object) else { return }
            switch (filter.admits(old), filter.admits(object)) {
            case (true, true): append("MODIFIED", object, &lines)
            case (false, true): append("ADDED", object, &lines)
            case (true, false): append("DELETED", old.restamped(object.version), &lines)
            case (false, false): break
            }
        case .deleted(let object):
            guard see(object) else { return }
            if filter.admits(object) { append("DELETED", object, &lines) }
        case .synced(let version):
            let version = max(first, version)
            state.withLock { $0.version = version }
            if let mark = mark(version, endsSnapshot: marksEnd) { append(mark, &lines) }
        case .restarted: break
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
        case .metadata: return ["type": "BOOKMARK", "object": view.partial(["metadata": metadata])]
        case .object, .yaml, .discovery, .misfit:
            return [
                "type": "BOOKMARK",
                "object": [
                    "kind": .string(kind.rawValue), "apiVersion": .string(kind.apiVersion), "metadata": metadata,
                ],
            ]
        }
    }

    private func append(_ type: String, _ object: StoredObject, _ lines: inout [UInt8]) {
        switch view.form {
        case .object, .yaml, .discovery, .misfit:
            guard let packed = object.packed else {
                return append(["type": .string(type), "object": object.tree], &lines)
            }
            lines += "{\"object\":".utf8
            packed.append(to: &lines, at: object.version)
            lines += ",\"type\":\"\(type)\"}\n".utf8
        case .metadata: append(["type": .string(type), "object": view.partial(object.tree)], &lines)
        case .table:
            let isFirst = state.withLock { state in
                defer { state.hasColumns = true }
                return !state.hasColumns
            }
            let metadata: Tree = ["resourceVersion": .string(String(object.version))]
            let table = view.table.table([object.tree], metadata: metadata, withColumns: isFirst)
            append(["type": .string(type), "object": table], &lines)
        }
    }

    private func append(_ line: Tree, _ lines: inout [UInt8]) {
        JSON.encode(line, into: &lines)
        lines.append(UInt8(ascii: "\n"))
    }

    /// False where the client knows it already.
    private func see(_ object: StoredObject) -> Bool {
        state.withLock { $0.version = max(first, object.version) }
        return object.version > first
    }
}
