import Documents
import Model
import Ports
import Synchronization
import Tree

/// A long list, made as it is read: some objects at a time, of one moment, out of what a watch begins with. Between two
/// pieces nothing of it is held but the store's own state.
final class ListPieces: Sendable {
    private struct State {
        var pending: ArraySlice<StoreEvent> = []
        var isBegun = false
        var count = 0
        var isDone = false
    }

    private let watch: StoreWatch
    private let filter: Filter
    private let kind: Kind
    private let view: View
    private let state = Mutex(State())

    /// About the length of a piece; one object goes in one.
    private static let bytes = 64 << 10

    init(_ watch: StoreWatch, _ filter: Filter, _ kind: Kind, _ view: View) {
        self.watch = watch
        self.filter = filter
        self.kind = kind
        self.view = view
    }

    /// Nil after the last. Throws where the list can't be made whole.
    func next() async throws(StoreError) -> [UInt8]? {
        var bytes: [UInt8] = []
        while bytes.count < Self.bytes {
            if state.withLock({ $0.isDone }) { return bytes.isEmpty ? nil : bytes }
            if state.withLock({ $0.pending.isEmpty }) {
                guard let events = try await watch.next() else {
                    throw StoreError(.closed, "the list was not read to its end")
                }
                state.withLock { $0.pending = events[...] }
            }
            state.withLock { fill(&bytes, &$0) }
        }
        return bytes
    }

    private func fill(_ bytes: inout [UInt8], _ state: inout State) {
        while bytes.count < Self.bytes, let event = state.pending.popFirst() {
            switch event {
            case .initial(let object):
                guard filter.admits(object) else { continue }
                if !state.isBegun { open(&bytes, &state) }
                if state.count > 0, !isYAML { bytes.append(UInt8(ascii: ",")) }
                append(object, to: &bytes)
                state.count += 1
            case .synced(let version):
                if !state.isBegun { open(&bytes, &state) }
                close(&bytes, state.count, version)
                state.isDone = true
                watch.close()
                return
            case .restarted, .applied, .replaced, .deleted: break
            }
        }
    }

    private func open(_ bytes: inout [UInt8], _ state: inout State) {
        state.isBegun = true
        switch view.form {
        case .object, .discovery, .misfit: bytes += "{\"apiVersion\":\"\(kind.apiVersion)\",\"items\":[".utf8
        case .yaml: bytes += "apiVersion: \(kind.apiVersion)\nkind: \(kind.rawValue)List\n".utf8
        case .metadata: bytes += "{\"apiVersion\":\"\(view.form.apiVersion)\",\"items\":[".utf8
        case .table:
            let columns = view.table.table([], metadata: .null)["columnDefinitions"] ?? .null
            bytes += "{\"apiVersion\":\"\(view.form.apiVersion)\",\"columnDefinitions\":".utf8
            JSON.encode(columns, into: &bytes)
            bytes += ",\"kind\":\"Table\",\"rows\":[".utf8
        }
        if isYAML { bytes += "items:\n".utf8 }
    }

    private func append(_ object: StoredObject, to bytes: inout [UInt8]) {
        switch view.form {
        case .object, .discovery, .misfit:
            if let packed = object.packed {
                packed.append(to: &bytes, at: object.version)
            } else {
                JSON.encode(object.tree, into: &bytes)
            }
        case .yaml: bytes += YAML.emit(.array([object.tree])).utf8
        case .metadata: JSON.encode(view.partial(object.tree), into: &bytes)
        case .table:
            let row = view.table.table([object.tree], metadata: .null, withColumns: false)["rows"]?.array?.first
            JSON.encode(row ?? .null, into: &bytes)
        }
    }

    private func close(_ bytes: inout [UInt8], _ count: Int, _ version: UInt64) {
        let metadata = "{\"resourceVersion\":\"\(version)\"}}"
        switch view.form {
        case .object, .discovery, .misfit: bytes += "],\"kind\":\"\(kind.rawValue)List\",\"metadata\":\(metadata)".utf8
        case .yaml:
            if count == 0 { bytes += "  []\n".utf8 }
            bytes += "metadata:\n  resourceVersion: \"\(version)\"\n".utf8
        case .metadata: bytes += "],\"kind\":\"PartialObjectMetadataList\",\"metadata\":\(metadata)".utf8
        case .table: bytes += "],\"metadata\":\(metadata)".utf8
        }
    }

    private var isYAML: Bool { if case .yaml = view.form { true } else { false } }
}
