import Documents
import Ports
package import Tree

/// An object as the canonical JSON that is on the disk, which lacks `metadata.resourceVersion`: where that goes is
/// known, so that the object can be sent without being read.
package final class PackedObject: PackedContent {
    /// What was once let in is read again, whatever the limits of today.
    private static let limits = Limits(
        documentBytes: 64 << 20, inputBytes: 64 << 20, depth: 256, nodes: 8_000_000, aliasNodes: 0,
        scalarBytes: 64 << 20, documents: 1)
    private static let member = Array("resourceVersion".utf8)

    let json: [UInt8]
    /// Where the member begins that follows the version: `uid` at the latest, which every object has.
    private let slot: Int

    /// Nil for what this store did not write.
    package init?(_ json: [UInt8]) {
        guard let slot = json.withUnsafeBufferPointer({ Self.slot(in: $0) }) else { return nil }
        // An array that grew by doubling may hold twice what is in it, for as long as the object stands.
        self.json = json.capacity - json.count > json.count / 8 ? [UInt8](exactly: json) : json
        self.slot = slot
    }

    package var count: Int { json.count }

    /// Nil for what no store wrote: whoever reads a disk says so.
    package static func parse(_ json: [UInt8]) -> Tree? {
        // try?: see above.
        try? JSON.parse(json, limits: limits)
    }

    package func tree(at version: UInt64) -> Tree {
        guard let tree = Self.parse(json) else { preconditionFailure("what was read or written whole has changed") }
        return tree.stamped(version)
    }

    package func append(to bytes: inout [UInt8], at version: UInt64) {
        bytes += json[..<slot]
        bytes += "\"resourceVersion\":\"\(version)\",".utf8
        bytes += json[slot...]
    }

    package func mentions(_ text: String) -> Bool {
        let text = Array(text.utf8)
        guard let first = text.first, json.count >= text.count else { return text.isEmpty }
        return json.withUnsafeBufferPointer { json in
            (0...json.count - text.count).contains { start in
                json[start] == first && json[start..<start + text.count].elementsEqual(text)
            }
        }
    }

    // MARK: Finding the place

    /// Steps over values, which are known to be well formed: this was written by our encoder.
    private static func slot(in json: UnsafeBufferPointer<UInt8>) -> Int? {
        var outer = MemberScan(json, at: 0)
        while let key = outer.nextKey() {
            guard json[key].elementsEqual("metadata".utf8) else {
                outer.skipValue()
                continue
            }
            var inner = MemberScan(json, at: outer.index)
            while let name = inner.nextKey() {
                if member.lexicographicallyPrecedes(json[name]) { return name.lowerBound - 1 }
                if json[name].elementsEqual(member) { return nil }
                inner.skipValue()
            }
            return nil
        }
        return nil
    }
}

extension [UInt8] {
    /// With no room to grow.
    fileprivate init(exactly bytes: [UInt8]) {
        self.init(unsafeUninitializedCapacity: bytes.count) { buffer, count in
            count = buffer.initialize(fromContentsOf: bytes)
        }
    }
}

extension Write {
    /// What this write puts on the disk: the object without the version, which it has yet to be given.
    var canonicalJSON: [UInt8] {
        switch self {
        case .create(_, let tree), .update(_, let tree, _):
            JSON.encode(tree["metadata"]?["resourceVersion"] == nil ? tree : tree.stamped(nil))
        case .remove: []
        }
    }
}

/// Walks the members of one object in canonical JSON.
private struct MemberScan {
    private let json: UnsafeBufferPointer<UInt8>
    private(set) var index: Int

    /// `index`: where the object begins.
    init(_ json: UnsafeBufferPointer<UInt8>, at index: Int) {
        self.json = json
        self.index = index < json.count && json[index] == UInt8(ascii: "{") ? index + 1 : json.count
    }

    /// The bytes of the next key, with the index at its value then; nil at the end.
    mutating func nextKey() -> Range<Int>? {
        if index < json.count, json[index] == UInt8(ascii: ",") { index += 1 }
        guard index < json.count, json[index] == UInt8(ascii: "\"") else { return nil }
        let start = index + 1
        skipString()
        guard index < json.count, json[index] == UInt8(ascii: ":") else { return nil }
        index += 1
        return start..<index - 2
    }

    mutating func skipValue() {
        var depth = 0
        while index < json.count {
            switch json[index] {
            case UInt8(ascii: "\""):
                skipString()
                if depth == 0 { return }
                continue
            case UInt8(ascii: "{"), UInt8(ascii: "["): depth += 1
            case UInt8(ascii: "}"), UInt8(ascii: "]"):
                if depth == 0 { return }
                depth -= 1
                if depth == 0 {
                    index += 1
                    return
                }
            case UInt8(ascii: ",") where depth == 0: return
            default: break
            }
            index += 1
        }
    }

    /// To behind the closing quote.
    private mutating func skipString() {
        index += 1
        while index < json.count, json[index] != UInt8(ascii: "\"") {
            index += json[index] == UInt8(ascii: "\\") ? 2 : 1
        }
        index += 1
    }
}
