import Apply
import Model
import Tree

/// The WorkerPool that the real server of the recordings was told of: another spec than the one the product has.
struct RecordedPool: Structured {
    var apiVersion: String?
    var kind: String?
    var metadata: Tree?
    var spec = RecordedSpec()
    var status: RecordedStatus?

    static var shape: Shape<RecordedPool> {
        Shape(
            "A desired number of equal workers in one region.",
            .optional("apiVersion", \.apiVersion, "Group and version."), .optional("kind", \.kind, "Kind."),
            .optional("metadata", \.metadata, "Metadata."), .required("spec", \.spec, "What is wanted."),
            .optional("status", \.status, "What is."))
    }

    static let admission = Admission(.workerPool, schema: shape.schema.withMetadata)
}

struct RecordedSpec: Structured {
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
    var env: [RecordedVariable] = []

    static var shape: Shape<RecordedSpec> {
        Shape(
            "What is wanted.",
            rules: [
                .init("self.minWorkers <= self.maxWorkers", "minWorkers must not exceed maxWorkers") { new, _ in
                    (new["minWorkers"]?.int ?? 0) <= (new["maxWorkers"]?.int ?? 0)
                }
            ],
            .required("region", \.region, "Name of the Region.", .length(1...63)),
            .defaulted("replicas", \.replicas, "Size.", .range(0...1000)),
            .defaulted("minWorkers", \.minWorkers, "Least.", .range(0...Int64.max)),
            .defaulted("maxWorkers", \.maxWorkers, "Most.", .range(0...Int64.max)),
            .defaulted("type", \.type, "Where workers run."), .defaulted("interval", \.interval, "Between probes."),
            .list("labels", \.labels, "Labels of workers."),
            .list("env", \.env, "Variables.", .items(upTo: 100), .map(by: "name")))
    }
}

struct RecordedVariable: Structured {
    var name = ""
    var value: String?

    static var shape: Shape<RecordedVariable> {
        Shape("A variable.", .required("name", \.name, "Name."), .optional("value", \.value, "Value."))
    }
}

struct RecordedStatus: Structured {
    var replicas: Int?
    var readyReplicas: Int?
    var selector: String?
    var conditions: [RecordedCondition] = []

    static var shape: Shape<RecordedStatus> {
        Shape(
            "What is.", .optional("replicas", \.replicas, "Workers."),
            .optional("readyReplicas", \.readyReplicas, "Ready workers."),
            .optional("selector", \.selector, "Label selector."),
            .list("conditions", \.conditions, "Conditions.", .map(by: "type")))
    }
}

struct RecordedCondition: Structured {
    var type = ""
    var status = ""
    var reason: String?
    var message: String?

    static var shape: Shape<RecordedCondition> {
        Shape(
            "A condition.", .required("type", \.type, "Type."), .required("status", \.status, "Status."),
            .optional("reason", \.reason, "Reason."), .optional("message", \.message, "Message."))
    }
}
