/// The form of an answer, as the client's Accept header asks for it.
enum AnswerForm: Sendable, Hashable {
    case object
    case yaml
    /// `as=Table;v=v1;g=meta.k8s.io`: columns and rows, made here.
    case table(version: String)
    /// `as=PartialObjectMetadata`, and `as=PartialObjectMetadataList` of a list.
    case metadata(version: String)
    /// Metadata of a list where one object is answered, or the other way round: refused once the rest was looked at.
    case misfit
    /// `as=APIGroupDiscoveryList`: everything there is in one document, in that version of its group.
    case discovery(version: String)

    /// The first form that both sides know; nil where there is none. `isList`: what is answered is a list.
    /// `isResource`: it is no document about the API itself.
    static func first(
        of accept: String, isList: Bool = false, isResource: Bool = false, isCore: Bool = false
    ) -> AnswerForm? {
        if accept.isEmpty { return .object }
        for parts in ranges(accept) {
            guard let type = parts.first else { continue }
            switch type {
            case "application/yaml" where !parts.contains { $0.hasPrefix("as=") }: return .yaml
            // Of Kubernetes' own kinds a real server has forms that this range could mean, too.
            case "application/*" where isCore, "*" where isCore: continue
            case "application/json", "application/*", "*/*", "*":
                guard let form = converted(parts.dropFirst(), isList) else { continue }
                if isResource, case .discovery = form { continue }
                return form
            default: continue
            }
        }
        return nil
    }

    /// The media types asked for with their parameters, those that are wanted most first (RFC 9110, 12.4.2).
    private static func ranges(_ accept: String) -> [[String]] {
        let ranges = accept.split(separator: ",").map { range in
            range.split(separator: ";").map { String($0.filter { $0 != " " }) }
        }
        guard accept.contains("q=") else { return ranges }
        func weight(_ parts: [String]) -> Double {
            parts.first { $0.hasPrefix("q=") }.flatMap { Double($0.dropFirst(2)) } ?? 1
        }
        let ranked = ranges.enumerated().sorted { a, b in
            let (first, second) = (weight(a.element), weight(b.element))
            return first == second ? a.offset < b.offset : first > second
        }
        return ranked.map(\.element)
    }

    private static func converted(_ parameters: ArraySlice<String>, _ isList: Bool) -> AnswerForm? {
        func value(_ name: String) -> String? {
            parameters.first { $0.hasPrefix(name + "=") }.map { String($0.dropFirst(name.count + 1)) }
        }
        switch (value("as"), value("g"), value("v")) {
        // A version of nothing.
        case (nil, nil, nil): return .object
        case ("Table", "meta.k8s.io", let version?) where isKnown(version): return .table(version: version)
        case ("PartialObjectMetadata", "meta.k8s.io", let version?) where isKnown(version):
            return isList ? .misfit : .metadata(version: version)
        case ("PartialObjectMetadataList", "meta.k8s.io", let version?) where isKnown(version):
            return isList ? .metadata(version: version) : .misfit
        case ("APIGroupDiscoveryList", "apidiscovery.k8s.io", let version?) where ["v2", "v2beta1"].contains(version):
            return .discovery(version: version)
        default: return nil
        }
    }

    private static func isKnown(_ version: String) -> Bool { version == "v1" || version == "v1beta1" }

    /// The group and version of tables and metadata.
    var apiVersion: String {
        switch self {
        case .table(let version), .metadata(let version): "meta.k8s.io/\(version)"
        case .object, .yaml, .discovery, .misfit: "meta.k8s.io/v1"
        }
    }
}
