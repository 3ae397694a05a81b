import APIServer
import Documents
import Model
import Ports
import Storage
import Testing
import Tree

/// A list too long to be held whole is the same list, in every form.
@Suite struct LongListTests {
    private static let path = "/api/v1/namespaces/shop/configmaps"
    private static let count = 700

    private func desk() throws -> Desk {
        let desk = try Desk()
        let writes = (0..<Self.count).map { number -> Write in
            let key = ObjectKey(.configMap, "shop", "c\(1000 + number)")
            return .create(
                key,
                [
                    "apiVersion": "v1", "kind": "ConfigMap", "data": ["n": .string("\(number)")],
                    "metadata": [
                        "name": .string(key.name), "namespace": "shop", "uid": .string("u\(number)"),
                        "labels": ["half": .string("\(number % 2)")],
                    ],
                ])
        }
        _ = try desk.store.commit(Batch(writes))
        return desk
    }

    @Test(arguments: [
        ("application/json", "items"), ("application/json;as=Table;v=v1;g=meta.k8s.io", "rows"),
        ("application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io", "items"),
    ])
    func inOneAndInPartsItIsTheSame(_ accept: String, _ member: String) async throws {
        let desk = try desk()
        guard case .pieces = await desk.server.handle(APIRequest(.get, Self.path, accept: accept)) else {
            Issue.record("it is made as it is read")
            return
        }
        var whole = await desk.send(.get, Self.path, accept: accept).tree
        #expect(whole[member]?.array?.count == Self.count)
        var parts: [Tree] = []
        var query = ["limit": "499"]
        var last: Tree
        repeat {
            last = await desk.send(.get, Self.path, query: query, accept: accept).tree
            parts += last[member]?.array ?? []
            query["continue"] = last["metadata"]?["continue"]?.string
        } while query["continue"] != nil
        last[member] = .array(parts)
        let isSame = whole == last
        #expect(isSame)
        whole[member] = nil
        last[member] = nil
        #expect(whole == last, "with the same kind, version and columns")
        let half = await desk.send(.get, Self.path, query: ["labelSelector": "half=1"], accept: accept).tree
        #expect(half[member]?.array?.count == Self.count / 2)
        let none = await desk.send(.get, Self.path, query: ["labelSelector": "half=2"], accept: accept).tree
        #expect(none[member]?.array?.isEmpty == true, "\(JSON.text(none))")
    }

    @Test func inYAMLToo() async throws {
        let desk = try desk()
        for (selector, count) in [("", Self.count), ("half=0", Self.count / 2), ("half=2", 0)] {
            let query = selector.isEmpty ? [:] : ["labelSelector": selector]
            let text = await desk.send(.get, Self.path, query: query, accept: "application/yaml").tree.string ?? ""
            let list = try #require(try Documents.parse(Array(text.utf8), limits: .answer).first?.tree)
            #expect(list["kind"] == "ConfigMapList" && list["items"]?.array?.count == count, "\(text.prefix(200))")
        }
    }

    @Test func whatOneAnswerHoldsIsBounded() async throws {
        let desk = try desk()
        guard case .pieces(_, let pieces) = await desk.server.handle(APIRequest(.get, Self.path)) else { return }
        var largest = 0
        var count = 0
        while let piece = try await pieces.next() {
            largest = max(largest, piece.count)
            count += 1
        }
        #expect(count > 1 && largest < 80 << 10)
        guard case .stream(_, let watch) = await desk.server.handle(APIRequest(.get, Self.path, query: ["watch": "1"]))
        else { return }
        #expect(await watch.next()?.count ?? 0 < 80 << 10)
        watch.close()
        guard case .pieces(_, let left) = await desk.server.handle(APIRequest(.get, Self.path)) else { return }
        _ = try await left.next()
        left.close()
        await #expect(throws: StoreError.self, "whoever was cut off doesn't take it for the whole") {
            while try await left.next() != nil {}
        }
    }

    @Test func partsGoOnWithTheMomentTheyBeganIn() async throws {
        let desk = try desk()
        let first = await desk.send(.get, Self.path, query: ["limit": "400"]).tree
        let late = ObjectKey(.configMap, "shop", "c9999")
        _ = try desk.store.commit(
            Batch([.create(late, ["metadata": ["name": "c9999", "namespace": "shop", "uid": "late"]])]))
        let token = first["metadata"]?["continue"]?.string ?? ""
        let second = await desk.send(.get, Self.path, query: ["limit": "400", "continue": token]).tree
        #expect(second["items"]?.array?.count == Self.count - 400, "what came later is not in it")
        #expect(second["metadata"]?["resourceVersion"] == first["metadata"]?["resourceVersion"])
    }
}
