import Model
import Tree

extension Schema {
    /// A value with every member set, in the canonical form, unlike the defaults where the schema leaves a choice.
    var sample: Tree { contents.sample }

    /// Why `tree` is not a value of this schema: a second opinion, as small as possible, to hold defaults and samples
    /// to.
    func complaints(about tree: Tree, at path: FieldPath = []) -> [String] {
        contents.complaints(about: tree, at: path)
    }

    /// This schema and all below it, with paths.
    func walk(_ path: String = "", _ visit: (String, Schema) -> Void) {
        visit(path, self)
        for property in self.properties { property.schema.walk("\(path).\(property.name)", visit) }
        items?.walk("\(path)[]", visit)
        values?.walk("\(path){}", visit)
    }
}

extension Schema.Contents {
    private var items: Schema? { itemSchema.first }
    private var values: Schema? { valueSchema.first }

    fileprivate var sample: Tree {
        switch kind {
        case .any: return ["anything": 1]
        case .boolean: return defaultValue == true ? false : true
        case .integer:
            let low = minimum ?? 0
            return .int(min(max(low, 7), maximum ?? .max))
        case .intOrString: return form?.name.contains("USD") == true ? "0.25" : "256Mi"
        case .array: return .array(items.map { [$0.sample] } ?? [])
        case .object:
            var tree = Tree.emptyObject
            for property in properties { tree[property.name] = property.schema.sample }
            if let values { tree["key"] = values.sample }
            return tree
        case .string: return .string(sampleText)
        }
    }

    private var sampleText: String {
        if let last = allowed.last { return last }
        if format == "date-time" { return "2026-01-31T12:00:00.250Z" }
        guard let form else { return "xx" }
        for text in ["us-east-1", "1m30s", "1.5"] where form.accepts(text) { return text }
        return ""
    }

    fileprivate func complaints(about tree: Tree, at path: FieldPath) -> [String] {
        var found: [String] = []
        func require(_ condition: Bool, _ what: String) { if !condition { found.append("\(path): \(what)") } }
        switch (kind, tree) {
        case (.any, _), (.boolean, .bool): break
        case (.integer, .int(let value)), (.intOrString, .int(let value)):
            require(value >= minimum ?? .min && value <= maximum ?? .max, "\(value) out of bounds")
        case (.string, .string(let text)), (.intOrString, .string(let text)):
            require(
                text.utf8.count >= minLength ?? 0 && text.utf8.count <= maxLength ?? .max,
                "length of \"\(text)\"")
            require(allowed.isEmpty || allowed.contains(text), "\"\(text)\" not allowed")
            require(form?.accepts(text) ?? true, "\"\(text)\" is not \(form?.name ?? "")")
        case (.array, .array(let elements)):
            require(
                elements.count >= minItems ?? 0 && elements.count <= maxItems ?? .max,
                "\(elements.count) items")
            for (index, element) in elements.enumerated() {
                found += items?.complaints(about: element, at: path + index) ?? []
            }
        case (.object, .object(let members)):
            for property in properties {
                guard let value = members[property.name] else {
                    require(!property.required, "\(property.name) missing")
                    continue
                }
                found += property.schema.complaints(about: value, at: path + property.name)
            }
            for member in members where !properties.contains(where: { $0.name == member.key }) {
                guard let values else {
                    require(false, "\(member.key) unknown")
                    continue
                }
                found += values.complaints(about: member.value, at: path + member.key)
            }
        default: require(false, "\(tree.typeName) for \(kind)")
        }
        return found
    }
}
