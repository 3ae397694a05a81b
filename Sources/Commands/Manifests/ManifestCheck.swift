import Apply
import Documents
import Model
import Text
import Tree

/// Holds one manifest against its kind, as the API would on creation, with places in mind.
struct ManifestCheck {
    struct Issue {
        let path: FieldPath
        let part: Positions.Part
        let message: String
    }

    private let manifest: Manifest
    private let now: Timestamp
    private(set) var issues: [Issue] = []
    private(set) var warnings: [String] = []

    init(_ manifest: Manifest, now: Timestamp) {
        self.manifest = manifest
        self.now = now
    }

    /// A uid to create with that is never stored.
    private static let uid = "00000000-0000-4000-8000-000000000000"

    /// A server names the type that it got; the author knows the value.
    private func written(_ field: FieldError) -> String {
        guard field.cause == .typeInvalid, let path = field.path, let value = manifest.tree[path], !value.isNull else {
            return field.description
        }
        let type = field.description.firstRange(of: "must be of type ").map {
            String(field.description[$0.upperBound...].prefix { $0 != ":" })
        }
        let hint =
            field.description.firstRange(of: ": write ").map { String(field.description[$0.lowerBound...]) } ?? ""
        let text = JSON.text(value)
        // What errors say ends up in the logs of pipelines.
        let isSecret =
            manifest.key.kind == .secret && [.field("data"), .field("stringData")].contains(path.steps.first)
        let shown = isSecret ? "it" : text.count > 60 ? String(text.prefix(59)) + "…" : text
        guard let type else { return field.description }
        // A form of strings, not a type of YAML's.
        if type == "byte", value.string != nil { return "\(path): Invalid value: \(shown) is no base64" }
        let end = isSecret && !hint.isEmpty ? ": write it in quotes" : hint
        return
            "\(path): Invalid value: \(shown) is \(Self.article(value.typeName)), and must be \(Self.article(type))\(end)"
    }

    /// A server whose kinds are structs names the first wrong member, in its language's words; here all are named.
    private func plain(_ error: AdmissionError) -> [FieldError] {
        guard error.reason == .badRequest else { return error.fieldErrors }
        let wrong = Validation.check(manifest.tree, schema: manifest.key.kind.objectSchema, partial: true)
        return wrong.isEmpty ? error.fieldErrors : wrong
    }

    private static func article(_ type: String) -> String {
        (type.first.map { "aeio".contains($0) } ?? false ? "an " : "a ") + type.replacing(",", with: " or ")
    }

    mutating func run() {
        let kind = manifest.key.kind
        // Unknown fields first: a misspelt one is often why another is missing.
        for unknown in UnknownFields.find(manifest.tree, kind.objectSchema) {
            let meant = unknown.nearest.map { "; did you mean \"\($0)\"?" } ?? ""
            issues.append(Issue(path: unknown.path, part: .key, message: "\(unknown.path): unknown field\(meant)"))
        }
        let context = WriteContext(now: now, manager: nil, fieldValidation: .ignore)
        do throws(AdmissionError) {
            let admitted = try Admission(kind).prepareCreate(manifest.tree, uid: Self.uid, context)
            warnings += admitted.warnings.map { "\(manifest.key): \($0)" }
            guard issues.isEmpty else { return }
            for issue in semanticIssues(kind: kind, tree: admitted.tree) {
                issues.append(Issue(path: issue.path, part: .value, message: issue.description))
            }
        } catch {
            guard !error.fieldErrors.isEmpty else {
                return issues.append(Issue(path: [], part: .value, message: error.message))
            }
            for field in plain(error) {
                issues.append(
                    Issue(
                        path: field.path ?? [], part: .value,
                        message: field.path == nil ? field.message : written(field)))
            }
        }
    }
}
