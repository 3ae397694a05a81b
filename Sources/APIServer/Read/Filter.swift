import Model
import Ports
import Tree

/// What a list or watch lets through.
struct Filter: Sendable {
    private let labels: LabelSelector?
    private let fields: FieldSelector?

    init(_ request: APIRequest, _ kind: Kind) throws(RequestProblem) {
        let parameters = Parameters(request.query)
        let labels = parameters.text("labelSelector")
        self.labels = labels.isEmpty ? nil : try LabelSelector(labels)
        let fields = parameters.text("fieldSelector")
        self.fields = fields.isEmpty ? nil : try FieldSelector(fields, supported: Self.supported(kind))
    }

    private static func supported(_ kind: Kind) -> [String] {
        let common = ["metadata.name", "metadata.namespace"]
        switch kind {
        case .event:
            return common + [
                "involvedObject.kind", "involvedObject.namespace", "involvedObject.name", "involvedObject.uid",
                "involvedObject.apiVersion", "involvedObject.resourceVersion", "involvedObject.fieldPath", "reason",
                "type", "reportingComponent", "source",
            ]
        case .namespace: return common + ["status.phase"]
        case .secret: return common + ["type"]
        default: return common
        }
    }

    /// Lets everything through.
    var isOpen: Bool { labels == nil && fields == nil }

    func admits(_ object: StoredObject) -> Bool {
        if isOpen { return true }
        // The name is known without a look inside.
        if let name = fields?.name, name != object.key.name { return false }
        guard labels?.mayMatch(object.mayMention) != false else { return false }
        let tree = object.tree
        if let labels, !labels.matches({ tree["metadata"]?["labels"]?[$0]?.string }) { return false }
        guard let fields else { return true }
        return fields.matches { Self.field($0, of: tree) }
    }

    private static func field(_ path: String, of tree: Tree) -> String {
        switch path {
        // An event without a source comes from the controller that reports it.
        case "source":
            let component = tree["source"]?["component"]?.string ?? ""
            return component.isEmpty ? tree["reportingComponent"]?.string ?? "" : component
        default: return path.split(separator: ".").reduce(tree as Tree?) { $0?[String($1)] }?.string ?? ""
        }
    }
}
