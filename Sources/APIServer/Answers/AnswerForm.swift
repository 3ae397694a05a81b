/// The form of an answer, as the client's Accept header asks for it.
enum AnswerForm: Sendable, Hashable {
    case object
    case yaml
    /// `as=Table;v=v1;g=meta.k8s.io`: columns and rows, made here.
    case table
    /// `as=PartialObjectMetadata` and its list.
    case metadata
    /// `as=APIGroupDiscoveryList`: everything there is in one document, in that version of its group.
    case discovery(version: String)

    /// The first form that both sides know; nil where there is none.
    static func first(of accept: String) -> AnswerForm? {
        if accept.isEmpty { return .object }
        for range in accept.split(separator: ",") {
            let parts = range.split(separator: ";").map { String($0.filter { $0 != " " }) }
            guard let type = parts.first else { continue }
            switch type {
            case "application/yaml" where !parts.contains { $0.hasPrefix("as=") }: return .yaml
            case "application/json", "application/*", "*/*":
                if let form = converted(parts.dropFirst()) { return form }
            default: continue
            }
        }
        return nil
    }

    private static func converted(_ parameters: ArraySlice<String>) -> AnswerForm? {
        func value(_ name: String) -> Substring? {
            parameters.first { $0.hasPrefix(name + "=") }?.dropFirst(name.count + 1)
        }
        switch (value("as"), value("g"), value("v")) {
        case (nil, _, _): return .object
        case ("Table", "meta.k8s.io", "v1"): return .table
        case ("PartialObjectMetadata", "meta.k8s.io", "v1"), ("PartialObjectMetadataList", "meta.k8s.io", "v1"):
            return .metadata
        case ("APIGroupDiscoveryList", "apidiscovery.k8s.io", let version?) where ["v2", "v2beta1"].contains(version):
            return .discovery(version: String(version))
        default: return nil
        }
    }
}
