import Model
import Testing
import Tree

/// A real API server holds CRDs to these rules; a CRD that breaks one is refused as a whole.
@Suite(.serialized)
struct CustomResourceDefinitionTests {
    @Test("Every field is described, every string and list bounded, every list typed", arguments: Kind.own)
    func structural(_ kind: Kind) throws {
        for part in ["spec", "status"] {
            let schema = try #require(kind.schema.property(part)?.schema)
            schema.walk(part) { path, schema in
                let element = path.hasSuffix("[]") || path.hasSuffix("{}")
                #expect(element || !schema.description.isEmpty, "\(kind) \(path) has no description")
                switch schema.kind {
                case .string:
                    #expect(
                        schema.maxLength != nil || !schema.allowed.isEmpty,
                        "\(kind) \(path) has no longest length")
                case .intOrString: #expect(schema.maxLength != nil, "\(kind) \(path) has no longest length")
                case .integer:
                    let either = schema.maximum != nil || path.hasSuffix("{}")
                    #expect(either, "\(kind) \(path) has no bound")
                    // API servers hold bounds as doubles: past 2^53 they round, at 2^63 they wrap.
                    #expect(schema.maximum ?? 0 <= 1 << 53, "\(kind) \(path)")
                case .array:
                    #expect(schema.maxItems != nil && schema.items != nil, "\(kind) \(path) has no bound")
                case .object where schema.values != nil:
                    #expect(schema.maxProperties != nil, "\(kind) \(path) has no bound")
                    #expect(schema.properties.isEmpty, "\(kind) \(path) mixes fields and free keys")
                case .object, .boolean, .any: break
                }
            }
        }
    }

    @Test("The keys of a list-map are required; the elements of a set are single values", arguments: Kind.own)
    func lists(_ kind: Kind) {
        kind.schema.walk { path, schema in
            guard let items = schema.items else { return }
            switch schema.listType {
            case .atomic: break
            case .set: #expect(items.kind == .string || items.kind == .integer, "\(kind) \(path)")
            case .map(let keys):
                for key in keys {
                    #expect(items.property(key)?.required == true, "\(kind) \(path) by \(key)")
                }
            }
        }
    }

    @Test("The document has the shape of apiextensions v1", arguments: Kind.own)
    func document(_ kind: Kind) throws {
        let crd = CustomResourceDefinition.tree(for: kind)
        #expect(crd["metadata"]?["name"] == .string("\(kind.plural).reconcile.dev"))
        #expect(crd["spec"]?["scope"] == (kind == .region ? "Cluster" : "Namespaced"))
        #expect(crd["spec"]?["names"]?["categories"] == ["reconcile"])
        let version = try #require(crd["spec"]?["versions"]?[0])
        #expect(version["subresources"]?["status"] == [:])
        #expect((version["subresources"]?["scale"] != nil) == (kind == .workerPool))
        let root = try #require(version["schema"]?["openAPIV3Schema"])
        #expect(root["required"] == ["spec"])
        #expect(root["properties"]?["metadata"] == ["type": "object"], "anything more is refused there")
        #expect(root["properties"]?["spec"]?["type"] == "object")
    }

    @Test(
        "Columns are those of the table in the API's design, and read what the schema has",
        arguments: Kind.own)
    func columns(_ kind: Kind) throws {
        let expected: [Kind: [String]] = [
            .region: ["Provider", "Role", "Ready", "Workers", "Cost/h", "Latency", "Circuit", "Age"],
            .workerPool: ["Region", "Backend", "Desired", "Ready", "Busy", "Cost/h", "Age"],
            .executionPlan: ["Phase", "Tasks", "Running", "Cost", "ETA", "Age"],
            .syncPoint: ["Arrived", "State", "Since", "Age"],
            .worker: ["Pool", "Region", "Backend", "State", "Tasks", "Load", "Health", "Cost/h", "Age"],
            .task: ["Region", "Worker", "Phase", "Attempt", "Age"],
        ]
        #expect(kind.columns.filter { $0.priority == 0 }.map(\.name) == expected[kind])
        for column in kind.columns where column.name != "Age" {
            var schema: Schema? = kind.schema
            let path = column.path.prefix { $0 != "[" }
            for step in path.split(separator: ".") { schema = schema?.property(String(step))?.schema }
            #expect(schema != nil, "\(column.name) reads \(column.path)")
            if column.type == "date" { #expect(schema?.format == "date-time", "\(column.name)") }
            if column.type == "integer" { #expect(schema?.kind == .integer, "\(column.name)") }
        }
    }

    @Test func theScalePathsLeadSomewhere() throws {
        let scale = try #require(Kind.workerPool.scale)
        #expect(scale.specReplicas.description == "spec.replicas")
        let crd = CustomResourceDefinition.tree(for: .workerPool)
        #expect(
            crd["spec"]?["versions"]?[0]?["subresources"]?["scale"]
                == [
                    "specReplicasPath": ".spec.replicas", "statusReplicasPath": ".status.replicas",
                    "labelSelectorPath": ".status.selector",
                ])
    }

    @Test func valuesBecomeOpenAPI() throws {
        let spec = try #require(
            CustomResourceDefinition.tree(for: .workerPool)["spec"]?["versions"]?[0]?["schema"]?[
                "openAPIV3Schema"]?[
                    "properties"]?["spec"])
        let properties = try #require(spec["properties"])
        #expect(properties["minWorkers"]?["default"] == 0)
        #expect(properties["minWorkers"]?["maximum"] == 1000)
        #expect(properties["lease"]?["default"] == ["renew": "2s", "lostAfter": "12s"])
        let money = try #require(properties["worker"]?["properties"]?["costPerHour"])
        #expect(money["x-kubernetes-int-or-string"] == true)
        #expect(money["type"] == nil, "int-or-string has no type of its own")
        let env = try #require(properties["worker"]?["properties"]?["env"])
        #expect(env["x-kubernetes-list-type"] == "map")
        #expect(env["x-kubernetes-list-map-keys"] == ["name"])
        #expect(env["items"]?["required"] == ["name"])
        let labels = try #require(properties["worker"]?["properties"]?["labels"])
        #expect(labels["additionalProperties"] == ["type": "string", "maxLength": 63])
        #expect(labels["maxProperties"] == 64)
        let template = try #require(
            properties["worker"]?["properties"]?["kubernetes"]?["properties"]?["podTemplate"])
        #expect(template["x-kubernetes-preserve-unknown-fields"] == true)
        #expect(
            spec["x-kubernetes-validations"]?[0]
                == [
                    "rule": "self.minWorkers <= self.maxWorkers",
                    "message": "minWorkers must not exceed maxWorkers",
                ])
        #expect(properties["region"]?["x-kubernetes-validations"]?[0]?["rule"] == "self == oldSelf")
    }

    @Test func transitionRulesStandOnlyWhereAnOldValueCanBeFound() {
        for kind in Kind.own {
            kind.schema.walk { path, schema in
                guard schema.rules.contains(where: { $0.cel.contains("oldSelf") }) else { return }
                #expect(!path.contains("[]"), "\(kind) \(path): no old value inside a list that is no map")
            }
        }
    }
}
