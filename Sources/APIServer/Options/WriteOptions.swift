import Apply
import Model
import Tree

/// What a write asks for beside its body: CreateOptions, UpdateOptions and PatchOptions of the Kubernetes API.
struct WriteOptions: Sendable {
    enum Verb: String, Sendable {
        case create = "CreateOptions"
        case update = "UpdateOptions"
        case patch = "PatchOptions"
    }

    let isDry: Bool
    /// Empty where the caller names none.
    let manager: String
    let validation: FieldValidation
    let force: Bool
    /// Who writes.
    let caller: Caller

    /// Throws the answer to options that a real server refuses: whoever asks for a rehearsal or for strictness in a
    /// word that is none must not get the opposite.
    init(_ request: APIRequest, _ verb: Verb, isApply: Bool = false) throws(AdmissionError) {
        caller = request.caller
        let parameters = Parameters(request.query)
        var errors: [FieldError] = []
        let force = parameters.flag("force")
        manager = parameters.text("fieldManager")
        if verb == .patch {
            if isApply, manager.isEmpty {
                errors.append(FieldError(.required, ["fieldManager"], "is required for apply patch"))
            } else if !isApply, force != nil {
                errors.append(FieldError(.forbidden, ["force"], "may not be specified for non-apply patch"))
            }
        }
        errors += ManagerName.errors(manager, ["fieldManager"])
        let dry = parameters.has("dryRun") ? [parameters.text("dryRun")] : []
        errors += DryRun.errors(dry)
        let word = parameters.text("fieldValidation")
        let validation = word.isEmpty ? FieldValidation.warn : FieldValidation(rawValue: word)
        if validation == nil {
            errors.append(
                FieldError(
                    .notSupported, ["fieldValidation"], value: .string(word),
                    "supported values: \"\", \"Ignore\", \"Strict\", \"Warn\""))
        }
        guard errors.isEmpty, let validation else { throw .options(verb.rawValue, errors) }
        isDry = !dry.isEmpty
        self.validation = validation
        self.force = force ?? false
    }

    func context(_ now: Timestamp, agent: String?) -> WriteContext {
        WriteContext(
            now: now, manager: manager.isEmpty ? agent.map(ManagerName.ofAgent) : manager, fieldValidation: validation)
    }
}

/// The one word that a rehearsal is asked for with.
enum DryRun {
    static func errors(_ words: [String]) -> [FieldError] {
        guard words.contains(where: { $0 != "All" }) else { return [] }
        return [
            FieldError(
                .notSupported, ["dryRun"], value: .array(words.map { .string($0) }), "supported values: \"All\"")
        ]
    }
}
