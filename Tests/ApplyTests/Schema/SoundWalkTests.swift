import Documents
import Model
import Testing
import Tree

@testable import Apply

/// The one walk for what is right against the walks that say what is wrong: the same judgement and the same defaults
/// for each of many documents, most of them with one thing changed.
@Suite struct SoundWalkTests {
    @Test func asManifestsAreWritten() throws {
        var seeds = SeededTrees(seed: 7)
        for (schema, document) in try documents() {
            let shape = SoundShape(schema)
            #expect(isSound(document, shape), "\(document["kind"] ?? .null)")
            for _ in 0..<400 { compare(seeds.changed(document), schema, shape) }
        }
    }

    @Test func asPoolsMayLook() {
        var seeds = SeededTrees(seed: 11)
        let shape = SoundShape(Pool.schema)
        for _ in 0..<4000 {
            let document = pool("a", seeds.spec())
            compare(document, Pool.schema, shape)
            compare(seeds.changed(document), Pool.schema, shape)
        }
    }

    /// Whether metadata is kept as it is written: what says nothing in it goes, and that counts as unsound.
    private func isPlain(_ metadata: Tree?) -> Bool {
        guard let metadata else { return true }
        let read = try? TypedDecoding.decode(metadata, MetaShapes.objectMeta, "ObjectMeta")
        return read == metadata
    }

    private func compare(_ tree: Tree, _ schema: Schema, _ shape: SoundShape) {
        var defaulted = tree
        Defaulting.apply(schema, to: &defaulted)
        let isRight =
            UnknownFields.find(tree, schema).isEmpty && Validation.check(defaulted, schema: schema).isEmpty
            && isPlain(tree["metadata"])
        switch SoundWalk.visit(tree, shape) {
        case .unsound: #expect(!isRight, "right, and not sound: \(JSON.text(tree))")
        case .same:
            #expect(isRight, "wrong, and sound: \(JSON.text(tree))")
            #expect(tree == defaulted)
        case .changed(let result):
            #expect(isRight, "wrong, and sound: \(JSON.text(tree))")
            #expect(result == defaulted)
        }
    }

    private func isSound(_ tree: Tree, _ shape: SoundShape) -> Bool {
        if case .unsound = SoundWalk.visit(tree, shape) { false } else { true }
    }

    private func documents() throws -> [(Schema, Tree)] {
        let texts = [
            """
            {apiVersion: reconcile.dev/v1alpha1, kind: Region, metadata: {name: r, labels: {a: b}}, spec: {latency: 20ms,
             regulations: [ccpa, gdpr], pricing: {multiplier: "1.0"}, budget: {perHour: 50},
             provider: {aws: {region: us-east-1, secretRef: {namespace: n, name: s}}}}}
            """,
            """
            {apiVersion: reconcile.dev/v1alpha1, kind: WorkerPool, metadata: {name: w, namespace: n}, spec: {region: r,
             minWorkers: 1, maxWorkers: 4, worker: {type: CloudVM, instanceTypes: [a, b], labels: {x: y},
             env: [{name: A, value: b}, {name: C}], resources: {cpu: 2, memory: 4Gi}}, lease: {renew: 2s}}}
            """,
            """
            {apiVersion: reconcile.dev/v1alpha1, kind: ExecutionPlan, metadata: {name: p, namespace: n}, spec: {
             regions: [{region: r, pool: w, tasks: [{name: a, run: {command: [sh, -c, x]}, requires: {cpu: 500m}},
             {name: b, run: {command: [b]}, dependsOn: [a], retry: {limit: 2}, timeout: 5m}]}],
             synchronization: {points: [{name: s, regions: [r], after: [a]}]}, budget: {perHour: "0.5"}}}
            """,
        ]
        return try texts.map { text in
            let tree = try #require(try YAML.parse(text).first?.tree)
            let kind = try #require(Kind(rawValue: tree["kind"]?.string ?? ""))
            return (kind.objectSchema, tree)
        }
    }
}

extension SeededTrees {
    /// The tree with one place of it changed.
    fileprivate mutating func changed(_ tree: Tree) -> Tree {
        switch tree {
        case .object(let members) where !members.isEmpty && next(5) > 0:
            let member = members[next(members.count)]
            var result = members
            result[member.key] = changed(member.value)
            return .object(result)
        case .object(var members):
            if next(2) == 0 {
                members[["region", "name", "labels", "x", "priority", "spec"][next(6)]] = scalar()
            } else if !members.isEmpty {
                members[members[next(members.count)].key] = nil
            }
            return .object(members)
        case .array(var items) where !items.isEmpty && next(5) > 0:
            let index = next(items.count)
            if next(4) == 0 { items.append(items[index]) } else { items[index] = changed(items[index]) }
            return .array(items)
        default: return scalar()
        }
    }

    /// No null: in a map with free keys it is unusual, and counts as unsound.
    private mutating func scalar() -> Tree {
        [
            .int(-1), .int(7), .double(0.5), .bool(true), "", "a", "5m", "0.09", "Hold", .emptyObject, .array([]),
            ["a"],
            .string(String(repeating: "x", count: 300)),
        ][next(13)]
    }
}
