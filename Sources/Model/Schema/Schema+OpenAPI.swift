package import Tree

extension Schema {
    /// The schema as OpenAPI v3 in Kubernetes' structural form: what CRDs and `/openapi/v3` hold.
    package var openAPI: Tree { contents.openAPI }
}

extension Schema.Contents {
    fileprivate var openAPI: Tree {
        var out = Tree.emptyObject
        if !description.isEmpty { out["description"] = .string(description) }
        switch kind {
        case .any: out["x-kubernetes-preserve-unknown-fields"] = true
        case .intOrString: out["x-kubernetes-int-or-string"] = true
        default: out["type"] = .string(kind.rawValue)
        }
        if let format { out["format"] = .string(format) }
        if let form { out["pattern"] = .string(form.pattern) }
        if !allowed.isEmpty { out["enum"] = .array(allowed.map { .string($0) }) }
        out["minimum"] = minimum.map { .int($0) }
        out["maximum"] = maximum.map { .int($0) }
        for (name, bound) in [
            ("minLength", minLength), ("maxLength", maxLength), ("minItems", minItems),
            ("maxItems", maxItems),
            ("maxProperties", maxProperties),
        ] {
            out[name] = bound.map { .int(Int64($0)) }
        }
        out["default"] = defaultValue
        if isAtomic { out["x-kubernetes-map-type"] = "atomic" }
        addContents(to: &out)
        if !rules.isEmpty {
            out["x-kubernetes-validations"] = .array(
                rules.map { ["rule": .string($0.cel), "message": .string($0.message)] })
        }
        return out
    }

    private func addContents(to out: inout Tree) {
        if !properties.isEmpty {
            var members = Members(reservingCapacity: properties.count)
            for property in properties { members[property.name] = property.schema.openAPI }
            out["properties"] = .object(members)
        }
        let required = properties.filter(\.required).map(\.name)
        if !required.isEmpty { out["required"] = .array(required.map { .string($0) }) }
        if let values = valueSchema.first { out["additionalProperties"] = values.openAPI }
        guard kind == .array else { return }
        out["items"] = itemSchema.first?.openAPI
        switch listType {
        case .atomic: out["x-kubernetes-list-type"] = "atomic"
        case .set: out["x-kubernetes-list-type"] = "set"
        case .map(let keys):
            out["x-kubernetes-list-type"] = "map"
            out["x-kubernetes-list-map-keys"] = .array(keys.map { .string($0) })
        }
    }
}
