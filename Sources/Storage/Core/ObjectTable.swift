import Model
import Ports
import Tree

/// The objects in key order, in chunks of up to 128. A copy shares every chunk; a write after a copy copies
/// one chunk and the list of chunks, so that a store can work on the next state while readers still hold the
/// last.
struct ObjectTable: Sendable {
    /// One object and its size, shared between states and the history.
    final class Entry: Sendable {
        let object: StoredObject
        /// About the bytes of its JSON.
        let bytes: Int

        /// With what stands around it: key, uid, the parts of the value, their headers.
        var held: Int { bytes + 384 }

        init(_ object: StoredObject, bytes: Int) {
            self.object = object
            self.bytes = bytes
        }
    }

    private static let chunkLimit = 128
    /// No chunk is empty.
    private var chunks: [[Entry]] = []
    private(set) var count = 0
    /// JSON bytes of all of them.
    private(set) var bytes = 0
    /// What the objects of each namespace take; of those that have objects, no others.
    private(set) var taken: [String: Taken] = [:]
    /// What Namespaces set of their quota; of those that set something.
    private(set) var quotas: [String: [NamespaceQuota.Resource: Int]] = [:]

    init() {}

    /// A table of entries in any order, whose keys differ.
    init(_ entries: [Entry]) {
        let sorted = entries.sorted { $0.object.key < $1.object.key }
        let size = ObjectTable.chunkLimit * 3 / 4
        for start in stride(from: 0, to: sorted.count, by: size) {
            chunks.append(Array(sorted[start..<min(start + size, sorted.count)]))
        }
        count = sorted.count
        for entry in sorted { account(entry, 1) }
    }

    subscript(_ key: ObjectKey) -> Entry? {
        let place = lowerBound(key)
        guard place.chunk < chunks.count else { return nil }
        let entry = chunks[place.chunk][place.index]
        return entry.object.key == key ? entry : nil
    }

    /// Adds the entry, or replaces the one under its key.
    mutating func put(_ entry: Entry) {
        let key = entry.object.key
        var place = lowerBound(key)
        if place.chunk < chunks.count, chunks[place.chunk][place.index].object.key == key {
            account(chunks[place.chunk][place.index], -1)
            account(entry, 1)
            chunks[place.chunk][place.index] = entry
            return
        }
        count += 1
        account(entry, 1)
        if place.index == 0, place.chunk > 0 {
            place = Place(chunk: place.chunk - 1, index: chunks[place.chunk - 1].count)
        }
        if chunks.isEmpty { chunks.append([]) }
        chunks[place.chunk].insert(entry, at: place.index)
        if chunks[place.chunk].count > ObjectTable.chunkLimit { split(place) }
    }

    mutating func remove(_ key: ObjectKey) {
        let place = lowerBound(key)
        guard place.chunk < chunks.count, chunks[place.chunk][place.index].object.key == key else { return }
        count -= 1
        account(chunks[place.chunk][place.index], -1)
        chunks[place.chunk].remove(at: place.index)
        if chunks[place.chunk].isEmpty { chunks.remove(at: place.chunk) }
    }

    /// The objects that match, in key order, at most `limit`, beginning after `last`.
    func scan(_ query: StoreQuery, after last: ObjectKey? = nil, limit: Int = .max) -> [StoredObject] {
        var found: [StoredObject] = []
        for kind in query.kinds.isEmpty ? Kind.allCases.sorted() : Set(query.kinds).sorted() {
            // Within one namespace, and among kinds without, names come in order: begin at the one, end after it.
            let single = query.name != nil && (query.namespace != nil || !kind.namespaced)
            var from = ObjectKey(kind, query.namespace ?? "", single ? query.name ?? "" : "")
            if let last, !(last < from) { from = last }
            var place = lowerBound(from)
            while found.count < limit, let object = self[place]?.object {
                let key = object.key
                if key.kind != kind || query.namespace.map({ $0 != key.namespace }) == true { break }
                if single, key.name != query.name { break }
                if key != last, query.matches(key) { found.append(object) }
                place = next(place)
            }
        }
        return found
    }

    private mutating func account(_ entry: Entry, _ sign: Int) {
        let key = entry.object.key
        bytes += sign * entry.bytes
        var left = taken[key.namespace] ?? Taken()
        left.add(Taken(of: key.kind, entry.bytes), sign)
        taken[key.namespace] = left.isNothing ? nil : left
        if key.kind == .namespace { quotas[key.name] = sign > 0 ? Self.quota(of: entry.object) : nil }
    }

    private static func quota(of namespace: StoredObject) -> [NamespaceQuota.Resource: Int]? {
        guard namespace.mayMention("quota-") else { return nil }
        let annotations = namespace.tree["metadata"]?["annotations"]
        let own = NamespaceQuota.limits { annotations?[$0]?.string }
        return own.isEmpty ? nil : own
    }

    // MARK: places

    private struct Place {
        var chunk: Int
        var index: Int
    }

    private subscript(_ place: Place) -> Entry? {
        place.chunk < chunks.count ? chunks[place.chunk][place.index] : nil
    }

    private func next(_ place: Place) -> Place {
        place.index + 1 < chunks[place.chunk].count
            ? Place(chunk: place.chunk, index: place.index + 1) : Place(chunk: place.chunk + 1, index: 0)
    }

    /// The place of the first entry whose key is not below `key`; the place after the last chunk if there is none.
    private func lowerBound(_ key: ObjectKey) -> Place {
        // The first chunk whose last entry is not below the key holds the answer.
        var low = 0
        var high = chunks.count
        while low < high {
            let middle = (low + high) / 2
            if let last = chunks[middle].last, last.object.key < key { low = middle + 1 } else { high = middle }
        }
        let chunk = low
        guard chunk < chunks.count else { return Place(chunk: chunk, index: 0) }
        low = 0
        high = chunks[chunk].count
        while low < high {
            let middle = (low + high) / 2
            if chunks[chunk][middle].object.key < key { low = middle + 1 } else { high = middle }
        }
        return Place(chunk: chunk, index: low)
    }

    /// Halves a chunk that became too large; one that grew at its end keeps most, as keys often come in order.
    private mutating func split(_ grown: Place) {
        let chunk = chunks[grown.chunk]
        let cut = grown.index == chunk.count - 1 ? chunk.count * 7 / 8 : chunk.count / 2
        chunks[grown.chunk] = Array(chunk[..<cut])
        chunks.insert(Array(chunk[cut...]), at: grown.chunk + 1)
    }
}
