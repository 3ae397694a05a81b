import Model
import Tree

/// The walk that holds types, bounds, words, forms and list keys against a schema.
struct ShapeCheck {
    let partial: Bool
    var steps: [FieldPath.Step]
    var errors: [FieldError] = []

    init(partial: Bool, steps: [FieldPath.Step]) {
        self.partial = partial
        self.steps = steps
    }

    mutating func visit(_ tree: Tree, _ schema: Schema) {
        guard errors.count < Validation.limit else { return }
        switch (schema.kind, tree) {
        case (.any, _): break
        // A part of an object may say by null that a member is to have no value.
        case (_, .null) where partial: break
        case (.object, .object(let members)): object(members, schema)
        case (.array, .array(let items)): array(items, schema)
        case (.string, .string(let text)): string(text, schema)
        case (.integer, .int(let number)): integer(number, schema)
        case (.boolean, .bool): break
        case (.intOrString, .int(let number)): integer(number, schema, hasForm: true)
        case (.intOrString, .string(let text)): string(text, schema)
        default: mismatch(tree, schema)
        }
    }

    // MARK: - Objects and lists

    private mutating func object(_ members: Members, _ schema: Schema) {
        for property in schema.properties {
            if let value = members[property.name] {
                if value == .null, property.standard == .null { continue }
                descend(.field(property.name), value, property.schema)
            } else if property.required, !partial {
                add(.required, at: .field(property.name))
            }
        }
        guard let values = schema.values else { return }
        if let most = schema.maxProperties, members.count > most {
            add(.tooMany, value: .int(Int64(members.count)), "must have at most \(most) items")
        }
        for member in members where !schema.names(member.key) {
            descend(.field(member.key), member.value, values)
        }
    }

    private mutating func array(_ items: [Tree], _ schema: Schema) {
        if let most = schema.maxItems, items.count > most {
            add(.tooMany, value: .int(Int64(items.count)), "must have at most \(most) items")
            return
        }
        if let least = schema.minItems, items.count < least {
            add(
                .invalid, value: .int(Int64(items.count)),
                "\(place) in body should have at least \(least) items")
        }
        guard let inner = schema.items else { return }
        for (index, item) in items.enumerated() { descend(.index(index), item, inner) }
        duplicates(items, schema, inner)
    }

    private mutating func duplicates(_ items: [Tree], _ schema: Schema, _ inner: Schema) {
        guard schema.listType != .atomic else { return }
        var seen: Set<FieldSet.Element> = []
        for (index, item) in items.enumerated() {
            guard let element = FieldSet.Element(item: item, listType: schema.listType, items: inner) else {
                if partial { add(.required, at: .index(index), "element omits the key of its list") }
                continue
            }
            if !seen.insert(element).inserted { add(.duplicate, at: .index(index), value: element.identity) }
        }
    }

    private mutating func descend(_ step: FieldPath.Step, _ tree: Tree, _ schema: Schema) {
        steps.append(step)
        visit(tree, schema)
        steps.removeLast()
    }

    // MARK: - Scalars

    private mutating func string(_ text: String, _ schema: Schema) {
        if let problem = ScalarRule(schema).problem(text) { add(problem, .string(text), schema) }
    }

    private mutating func integer(_ number: Int64, _ schema: Schema, hasForm: Bool = false) {
        let rule = ScalarRule(schema)
        guard let problem = rule.problem(number) ?? (hasForm ? rule.formProblem(number) : nil) else { return }
        add(problem, .int(number), schema)
    }

    private mutating func add(_ problem: ScalarRule.Problem, _ value: Tree, _ schema: Schema) {
        switch problem {
        case .tooLong(let most): add(.tooLong, "may not be more than \(most) bytes")
        case .tooShort(let least):
            add(.invalid, value: value, "\(place) in body should be at least \(least) chars long")
        case .notAllowed:
            let words = schema.allowed.map { "\"\($0)\"" }.joined(separator: ", ")
            add(.notSupported, value: value, "supported values: \(words)")
        case .notTime:
            let text = value.string ?? ""
            add(.typeInvalid, value: value, "\(place) in body must be of type date-time: \"\(text)\"")
        case .notBytes:
            add(.typeInvalid, "\(place) in body must be of type byte: it is no base64")
        case .notInForm(let form):
            add(.invalid, value: value, "\(place) in body should match '\(form.pattern)': expected \(form.name)")
        case .tooSmall(let least):
            add(.invalid, value: value, "\(place) in body should be greater than or equal to \(least)")
        case .tooLarge(let most):
            add(.invalid, value: value, "\(place) in body should be less than or equal to \(most)")
        case .notInt32:
            let number = value.int ?? 0
            add(.typeInvalid, value: value, "\(place) in body must be of type int32: \"\(number)\"")
        }
    }

    private mutating func mismatch(_ tree: Tree, _ schema: Schema) {
        let expected = schema.kind == .intOrString ? "integer,string" : schema.kind.rawValue
        var detail = "\(place) in body must be of type \(expected): \"\(tree.typeName)\""
        switch (schema.kind, tree) {
        case (.intOrString, .double(let number)), (.string, .double(let number)):
            detail += ": write \"\(number)\" in quotes"
        case (.string, .int(let number)) where schema.form?.accepts(String(number)) ?? true:
            detail += ": write \"\(number)\" in quotes"
        case (.string, .bool(let flag)) where schema.form == nil: detail += ": write \"\(flag)\" in quotes"
        default: if let form = schema.form { detail += ": expected \(form.name)" }
        }
        add(.typeInvalid, value: .string(tree.typeName), detail)
    }

    // MARK: - Errors

    private var place: String { FieldPath(steps).description }

    private mutating func add(
        _ cause: FieldError.Cause, at step: FieldPath.Step? = nil, value: Tree? = nil, _ detail: String = ""
    ) {
        guard errors.count < Validation.limit else { return }
        errors.append(FieldError(cause, FieldPath(steps + (step.map { [$0] } ?? [])), value: value, detail))
    }
}
