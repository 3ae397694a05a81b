import Documents
import Model
import Ports
import Storage
import Testing
import Tree

/// That what is kept as JSON is the object, wherever the version's place is in it.
@Suite struct PackedObjectTests {
    private static func object(_ metadata: Tree, _ rest: Tree = .emptyObject) -> Tree {
        var object: Tree = ["apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata]
        for member in rest.object ?? Members() { object[member.key] = member.value }
        return object
    }

    static let objects: [Tree] = [
        object(["uid": "u"]),
        object(["name": "a", "uid": "u"]),
        object(["selfLink": "/a", "uid": "u"]),
        object(["name": "a", "ownerReferences": [["uid": "u", "name": "x"]], "uid": "u"]),
        // Names that come before metadata and look like what is looked for.
        object(
            ["annotations": ["a": "{\"metadata\":{\"uid\":\"u\"}}"], "uid": "u"],
            ["data": ["metadata": "{}", "uid": "u", "quote": "\\\"uid\":", "line": "a\nb"]]),
        object(["uid": "u"], ["data": ["deep": [[], [[["}"]]], .emptyObject, ["k": .null]]], "zone": 1]),
        object(["labels": .emptyObject, "managedFields": [["fieldsV1": ["f:metadata": .emptyObject]]], "uid": "ü"]),
        object(["generation": -5, "name": "ends in a backslash \\", "uid": "u"], ["immutable": true]),
    ]

    @Test(arguments: objects) func theVersionStandsInItsPlace(_ object: Tree) throws {
        let packed = try #require(PackedObject(JSON.encode(object)))
        #expect(packed.tree(at: 7) == object.stamped(7))
        var bytes: [UInt8] = []
        packed.append(to: &bytes, at: 18_446_744_073_709_551_615)
        #expect(bytes == JSON.encode(object.stamped(.max)), "canonical too")
    }

    @Test(arguments: [
        "", "{", "[]", "null", "{}", #"{"metadata":{}}"#, #"{"metadata":[]}"#, #"{"metadata":{"name":"a"}}"#,
        #"{"metadata":{"resourceVersion":"1","uid":"u"}}"#, #"{"metadata"#, #"{"a":"\"#,
    ]) func whatThisStoreDidNotWriteIsNotTaken(_ text: String) {
        #expect(PackedObject(Array(text.utf8)) == nil)
    }

    @Test func itTellsWhatItDoesNotMention() throws {
        let packed = try #require(PackedObject(JSON.encode(Self.objects[1])))
        #expect(packed.mentions("ConfigMap") && packed.mentions("") && packed.mentions("\"}}"))
        #expect(!packed.mentions("ConfigMaps") && !packed.mentions(String(repeating: "x", count: 1000)))
    }

    @Test func aStoreThatPacksSaysTheSame() throws {
        var packing = StoreCore()
        var plain = StoreCore()
        let key = ObjectKey(.configMap, "default", "a")
        let first = Self.objects[4]
        var second = first
        second["data"] = ["changed": "yes"]
        for batch in [
            Batch([.create(key, first)]), Batch([.update(key, second, expecting: 1)]),
            Batch([.remove(key, expecting: 2)]),
        ] {
            let json = batch.writes.map { write in
                switch write {
                case .create(_, let tree), .update(_, let tree, _): JSON.encode(tree)
                case .remove: [UInt8]()
                }
            }
            let receipts = (packing.commit(batch, json: json), plain.commit(batch))
            #expect(try receipts.0.get() == receipts.1.get())
            #expect(packing.list(StoreQuery()).objects == plain.list(StoreQuery()).objects)
            #expect(packing.list(StoreQuery()).objects.allSatisfy { $0.packed != nil })
        }
        var watches = (try packing.watch(StoreQuery(), from: 0), try plain.watch(StoreQuery(), from: 0))
        for _ in 0..<2 {
            #expect(try watches.0.pull(from: packing, limit: 10) == watches.1.pull(from: plain, limit: 10))
        }
    }
}
