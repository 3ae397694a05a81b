import Model
import Ports
import Tree

/// What a list or watch lets through.
struct Filter: Sendable {
    private let labels: Selector?
    private let fields: Selector?

    init(_ request: APIRequest, _ kind: Kind) throws(RequestProblem) {
        if let text = request.query["labelSelector"], !text.isEmpty {
            guard let selector = Selector(labels: text) else {
                throw .bad("unable to parse requirement: \"\(text)\" is no label selector")
            }
            labels = selector
        } else {
            labels = nil
        }
        if let text = request.query["fieldSelector"], !text.isEmpty {
            guard let selector = Selector(fields: text, supported: Self.supported(kind)) else {
                let path = text.prefix { $0 != "=" && $0 != "!" }
                throw .bad("field label not supported: \(path)")
            }
            fields = selector
        } else {
            fields = nil
        }
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
        guard !isOpen, labels?.mayMatch(object) != false else { return isOpen }
        let tree = object.tree
        if let labels, !labels.matches({ tree["metadata"]?["labels"]?[$0]?.string }) { return false }
        guard let fields else { return true }
        return fields.matches { path in
            path.split(separator: ".").reduce(tree as Tree?) { $0?[String($1)] }?.string
        }
    }
}
