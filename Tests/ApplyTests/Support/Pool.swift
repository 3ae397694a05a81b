import Apply
import Documents
import Model
import Tree

/// A small kind with one of everything that a schema can say.
struct Pool: Structured {
    var apiVersion: String?
    var kind: String?
    var metadata: Tree?
    var spec = PoolSpec()
    var status: PoolStatus?

    static var shape: Shape<Pool> {
        Shape(
            "A desired number of equal workers in one region.",
            .optional("apiVersion", \.apiVersion, "Group and version."),
            .optional("kind", \.kind, "Kind."),
            .optional("metadata", \.metadata, "Metadata."),
            .required("spec", \.spec, "What is wanted."),
            .optional("status", \.status, "What is."))
    }

    static let schema = shape.schema.withMetadata
    static let admission = Admission(.workerPool, schema: schema)
}

struct PoolSpec: Structured {
    enum Place: String, FieldEnum {
        case local = "Local"
        case cloudVM = "CloudVM"
        case container = "Container"
        case edgeDevice = "EdgeDevice"
    }
    var region = ""
    var replicas = 1
    var minWorkers = 0
    var maxWorkers = 10
    var type = Place.local
    var interval = Duration.seconds(30)
    var labels: [String: String] = [:]
    var env: [PoolVariable] = []
    var zones: [String] = []
    var images: [String] = []
    var price: Money?
    var probe: PoolProbe?
    var template: Tree?

    static var shape: Shape<PoolSpec> {
        Shape(
            "What is wanted.",
            rules: [
                .init("self.minWorkers <= self.maxWorkers", "minWorkers must not exceed maxWorkers") {
                    new, _ in
                    (new["minWorkers"]?.int ?? 0) <= (new["maxWorkers"]?.int ?? 0)
                }
            ],
            .required("region", \.region, "Name of the Region.", .length(1...63)),
            .defaulted("replicas", \.replicas, "Size.", .range(0...1000)),
            .defaulted("minWorkers", \.minWorkers, "Least.", .range(0...Int64.max)),
            .defaulted("maxWorkers", \.maxWorkers, "Most.", .range(0...Int64.max)),
            .defaulted("type", \.type, "Where workers run."),
            .defaulted("interval", \.interval, "Between probes."),
            .list("labels", \.labels, "Labels of workers."),
            .list("env", \.env, "Variables.", .items(upTo: 3), .map(by: "name")),
            .list("zones", \.zones, "Zones.", .set),
            .list("images", \.images, "Images.", .items(upTo: 3)),
            .optional("price", \.price, "Price."),
            .optional("probe", \.probe, "Probe."),
            .optional("template", \.template, "Anything."))
    }
}

struct PoolVariable: Structured {
    var name = ""
    var value: String?
    var frozen: String?

    static var shape: Shape<PoolVariable> {
        Shape(
            "A variable.",
            .required("name", \.name, "Name."),
            .optional("value", \.value, "Value."),
            .optional("frozen", \.frozen, "Never changes.", .immutable))
    }
}

struct PoolProbe: Structured {
    var path = "/"
    var retries = 3

    static var shape: Shape<PoolProbe> {
        Shape(
            "A probe.", .defaulted("path", \.path, "Path."), .defaulted("retries", \.retries, "Retries."))
    }
}

struct PoolStatus: Structured {
    var replicas: Int?
    var readyReplicas: Int?
    var selector: String?
    var conditions: [PoolCondition] = []

    static var shape: Shape<PoolStatus> {
        Shape(
            "What is.",
            .optional("replicas", \.replicas, "Workers."),
            .optional("readyReplicas", \.readyReplicas, "Ready workers."),
            .optional("selector", \.selector, "Label selector."),
            .list("conditions", \.conditions, "Conditions.", .map(by: "type")))
    }
}

struct PoolCondition: Structured {
    var type = ""
    var status = ""
    var reason: String?
    var message: String?

    static var shape: Shape<PoolCondition> {
        Shape(
            "A condition.",
            .required("type", \.type, "Type."), .required("status", \.status, "Status."),
            .optional("reason", \.reason, "Reason."), .optional("message", \.message, "Message."))
    }
}
