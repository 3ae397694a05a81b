import Model
import Testing
import Tree

struct ShapeTests {
    @Test(
        "Every stored property is a field of the shape, and every field a property",
        arguments: structuredTypes)
    func complete(_ type: any Structured.Type) {
        let stored = Mirror(reflecting: type.init()).children.compactMap(\.label)
        #expect(type.schema.properties.map(\.name).sorted() == stored.sorted())
    }

    @Test("A tree with every member set survives value and back", arguments: structuredTypes)
    func roundTrip(_ type: any Structured.Type) throws {
        let sample = type.schema.sample
        let value = try type.init(tree: sample)
        #expect(value.tree == sample)
        #expect(type.schema.complaints(about: sample) == [])
    }

    @Test("Every default is a value of its schema", arguments: structuredTypes)
    func defaults(_ type: any Structured.Type) {
        for property in type.schema.properties {
            guard let value = property.schema.defaultValue else { continue }
            #expect(property.schema.complaints(about: value) == [], "\(type).\(property.name)")
            #expect(!property.required, "\(type).\(property.name): what is required needs no default")
        }
    }

    @Test("Bounds of samples are refused one past the end")
    func bounds() {
        #expect(WorkerPoolSpec.schema.complaints(about: ["region": "a", "minWorkers": 1001]) != [])
        #expect(WorkerPoolSpec.schema.complaints(about: ["region": "A"]) != [], "names are lower-case")
        for (run, isFine, because) in [
            (["command": ["make"]], true, "a command"), (["image": "b"], true, "an image whose own command is run"),
            (["image": "b", "command": ["make"]], true, "a command in an image"),
            (["command": []], false, "a command has a first word"), (["env": []], false, "nothing to execute"),
        ] as [(Tree, Bool, String)] {
            let refused = RunSpec.schema.rules.filter { !$0.holds(run, nil) }
            #expect(refused.isEmpty == isFine, "\(because)")
        }
    }

    @Test func whatIsMissingReadsAsTheDefaultAndIsWrittenOut() throws {
        let pool = try WorkerPoolSpec(tree: ["region": "here"])
        #expect(pool.maxWorkers == 10)
        #expect(pool.lease.lostAfter == .seconds(12))
        #expect(pool.tree["lease"] == ["renew": "2s", "lostAfter": "12s"])
        #expect(pool.tree["autoscaling"] == nil, "absence means something of its own")
        #expect(pool.tree["worker"]?["capabilities"] == nil, "an empty list is not written")
    }

    @Test(
        "The first surprise is told with its path",
        arguments: [
            (["metadata": [:], "spec": ["region": 5]], "spec.region: expected string, got integer"),
            (["spec": ["minWorkers": 1]], ""),
            (
                ["spec": ["region": "a", "worker": ["env": [["name": "A"], ["value": "b"]]]]],
                "spec.worker.env[1].name: Required value"
            ),
            (
                ["spec": ["region": "a", "lease": ["renew": "2"]]],
                "spec.lease.renew: \"2\" is not a duration such as 90s, 5m or 4h"
            ),
            (
                ["spec": ["region": "a", "worker": ["type": "local"]]],
                "spec.worker.type: unknown value \"local\", known: Local, CloudVM, Container, EdgeDevice"
            ),
        ] as [(Tree, String)])
    func surprises(_ tree: Tree, _ message: String) {
        do throws(DecodingIssue) {
            _ = try WorkerPool(tree: tree)
            #expect(message.isEmpty)
        } catch {
            #expect(error.description == message)
        }
    }

    @Test func aPoolTemplateHasNoRegion() throws {
        let schema = try #require(PlanRegion.schema.property("poolTemplate")?.schema)
        #expect(schema.property("region") == nil)
        #expect(schema.property("worker") != nil)
        #expect(WorkerPoolSpec.schema.property("region")?.required == true)
        #expect(try WorkerPoolSpec(tree: ["maxWorkers": 2]).tree["region"] == nil)
    }
}

struct ResourceTests {
    @Test("A whole object with every field set survives value and back", arguments: Kind.own)
    func roundTrip(_ kind: Kind) throws {
        var sample = kind.schema.sample
        sample["apiVersion"] = .string(kind.apiVersion)
        sample["kind"] = .string(kind.rawValue)
        sample["metadata"] = ObjectMeta.schema.sample
        let back: Tree =
            switch kind {
            case .region: try Region(tree: sample).tree
            case .workerPool: try WorkerPool(tree: sample).tree
            case .executionPlan: try ExecutionPlan(tree: sample).tree
            case .syncPoint: try SyncPoint(tree: sample).tree
            case .worker: try Worker(tree: sample).tree
            default: try WorkTask(tree: sample).tree
            }
        var expected = sample
        // The template's own name for its region is none.
        if case .array(var regions)? = expected["spec"]?["regions"] {
            regions[0]["poolTemplate"]?["region"] = nil
            expected["spec"]?["regions"] = .array(regions)
        }
        #expect(back == expected)
    }

    @Test func emptyMetadataWritesNothing() {
        #expect(ObjectMeta().tree == [:])
    }
}
