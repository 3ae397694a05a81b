import Documents
package import Model
package import Tree

/// Why a write is refused, with all that a Kubernetes `Status` says about it.
package struct AdmissionError: Error, Sendable, Hashable {
    package enum Reason: String, Sendable, Hashable {
        case badRequest = "BadRequest"
        case notFound = "NotFound"
        case alreadyExists = "AlreadyExists"
        case conflict = "Conflict"
        case invalid = "Invalid"
        case tooLarge = "RequestEntityTooLarge"

        package var code: Int {
            switch self {
            case .badRequest: 400
            case .notFound: 404
            case .alreadyExists, .conflict: 409
            case .tooLarge: 413
            case .invalid: 422
            }
        }
    }

    package let reason: Reason
    package let message: String
    /// The `details` of the Status; nil where it has none.
    package let details: Tree?
    /// What is wrong, field by field, for callers that know where the fields came from.
    package var fieldErrors: [FieldError] = []
    package var unknownFields: [UnknownField] = []

    package init(_ reason: Reason, _ message: String, details: Tree? = nil) {
        self.reason = reason
        self.message = message
        self.details = details
    }

    package var code: Int { reason.code }

    /// The object an API server answers with.
    package var status: Tree {
        var status: Tree = [
            "kind": "Status", "apiVersion": "v1", "metadata": [:], "status": "Failure",
            "message": .string(message),
            "reason": .string(reason.rawValue), "code": .int(Int64(code)),
        ]
        status["details"] = details
        return status
    }
}

extension AdmissionError: CustomStringConvertible {
    package var description: String { message }
}

extension AdmissionError {
    /// `workerpools.reconcile.dev`, or `namespaces` for the core group.
    private static func resource(_ kind: Kind) -> String {
        kind.group.isEmpty ? kind.plural : "\(kind.plural).\(kind.group)"
    }

    private static func details(_ word: String, _ kind: Kind, _ name: String) -> Tree {
        var details: Tree = ["kind": .string(word)]
        if !name.isEmpty { details["name"] = .string(name) }
        if !kind.group.isEmpty { details["group"] = .string(kind.group) }
        return details
    }

    /// The fields are wrong. `kindWord` is what the sender called the kind.
    package static func invalid(
        _ kind: Kind, _ name: String, _ errors: [FieldError], kindWord: String? = nil,
        rulesSkipped: Bool = false
    ) -> AdmissionError {
        let word = kindWord ?? kind.rawValue
        let subject = kind.group.isEmpty ? word : "\(word).\(kind.group)"
        return invalid(
            "\(subject) \"\(name)\"", details(word, kind, name), errors, rulesSkipped: rulesSkipped)
    }

    private static func invalid(
        _ subject: String, _ details: Tree, _ errors: [FieldError], rulesSkipped: Bool = false
    ) -> AdmissionError {
        var all = Array(errors.prefix(Validation.limit))
        if rulesSkipped {
            all.append(
                FieldError(
                    .invalid, nil, value: .null,
                    "some validation rules were not checked because the object was invalid; correct the "
                        + "existing errors to "
                        + "complete validation"))
        }
        var texts: [String] = []
        for text in all.map(\.description) where !texts.contains(text) { texts.append(text) }
        let list = texts.count == 1 ? texts[0] : "[\(texts.joined(separator: ", "))]"
        var details = details
        details["causes"] = .array(
            all.map {
                [
                    "reason": .string($0.cause.rawValue), "message": .string($0.message),
                    "field": .string($0.field),
                ]
            })
        var error = AdmissionError(.invalid, "\(subject) is invalid: \(list)", details: details)
        for problem in errors where !error.fieldErrors.contains(problem) { error.fieldErrors.append(problem) }
        return error
    }

    /// The patched object has unknown or repeated fields.
    static func strictPatch(_ patched: Tree, _ problems: [String]) -> AdmissionError {
        let detail = "strict decoding error: \(problems.joined(separator: ", "))"
        return invalid(
            " \"\"", .emptyObject,
            [FieldError(.invalid, ["patch"], value: shown(patched), detail)])
    }

    /// The patched object can't be read.
    static func unreadablePatch(_ patched: Tree, _ why: String) -> AdmissionError {
        invalid(" \"\"", .emptyObject, [FieldError(.invalid, ["patch"], value: shown(patched), why)])
    }

    /// A real server answers with all of the object. Of a Secret only what it is called: whoever may write its values
    /// may not read them for that, and messages are shown and logged.
    private static func shown(_ patched: Tree) -> Tree {
        guard patched["kind"]?.string == Kind.secret.rawValue else { return .string(JSON.text(patched)) }
        let name = patched["metadata"]?["name"] ?? .null
        return .string(JSON.text(["kind": "Secret", "metadata": ["name": name]]))
    }

    /// The options of a request make no sense; `word` is their kind.
    package static func options(_ word: String, _ errors: [FieldError]) -> AdmissionError {
        invalid("\(word).meta.k8s.io \"\"", ["group": "meta.k8s.io", "kind": .string(word)], errors)
    }

    /// A question that can't be answered, of a group.
    package static func review(_ group: String, kind: String = "", name: String = "", _ errors: [FieldError])
        -> AdmissionError
    {
        var details: Tree = ["group": .string(group)]
        if !kind.isEmpty { details["kind"] = .string(kind) }
        if !name.isEmpty { details["name"] = .string(name) }
        return invalid("\(kind).\(group) \"\(name)\"", details, errors)
    }

    /// Throws for a version that none of ours can be; an empty one asks for none. A real server answers 500.
    package static func checkReadable(version: String) throws(AdmissionError) {
        guard !version.isEmpty, UInt64(version) == nil else { return }
        throw AdmissionError(
            .badRequest,
            "metadata.resourceVersion: Invalid value: \"\(version.prefix(64))\": must be a version that was read from this "
                + "server, which is a whole number")
    }

    /// An update of one certain object, which is not there.
    package static func gone(_ key: ObjectKey, uid: String) -> AdmissionError {
        replaced(key.kind, key.namespace, key.name, wanted: uid, actual: "")
    }

    /// Server-side apply to one certain object, which is not there.
    static func absent(_ kind: Kind, _ name: String, uid: String) -> AdmissionError {
        conflict(
            kind, name,
            "uid mismatch: the provided object specified uid \(uid), and no existing object was found")
    }

    /// The document has unknown or repeated fields; each problem in Kubernetes' words, such as
    /// `duplicate field "spec.region"`.
    package static func strictDecoding(
        _ kind: Kind, apiVersion: String? = nil, _ problems: [String]
    ) -> AdmissionError {
        AdmissionError(
            .badRequest,
            "\(kind.rawValue) in version \"\((apiVersion ?? kind.version).split(separator: "/").last ?? "")\" cannot be handled as a \(kind.rawValue): "
                + "strict decoding error: "
                + problems.joined(separator: ", "))
    }

    package static func notFound(_ kind: Kind, _ name: String) -> AdmissionError {
        AdmissionError(
            .notFound, "\(resource(kind)) \"\(name)\" not found", details: details(kind.plural, kind, name))
    }

    package static func alreadyExists(_ kind: Kind, _ name: String) -> AdmissionError {
        AdmissionError(
            .alreadyExists, "\(resource(kind)) \"\(name)\" already exists",
            details: details(kind.plural, kind, name))
    }

    /// Somebody else wrote since the caller read.
    package static func modified(_ kind: Kind, _ name: String) -> AdmissionError {
        conflict(
            kind, name,
            "the object has been modified; please apply your changes to the latest version and try again")
    }

    static func conflict(_ kind: Kind, _ name: String, _ why: String) -> AdmissionError {
        AdmissionError(
            .conflict, "Operation cannot be fulfilled on \(resource(kind)) \"\(name)\": \(why)",
            details: details(kind.plural, kind, name))
    }

    static func precondition(_ kind: Kind, _ name: String, _ why: String) -> AdmissionError {
        // Namespaces are asked for by their resource, whatever has no end of its own by its kind.
        let word = kind == .namespace ? kind.plural : kind.rawValue
        let subject = kind.group.isEmpty ? word : "\(word).\(kind.group)"
        return AdmissionError(
            .conflict, "Operation cannot be fulfilled on \(subject) \"\(name)\": \(why)",
            details: details(word, kind, name))
    }

    /// An update of an object that was deleted and made again since it was read.
    static func replaced(_ kind: Kind, _ namespace: String?, _ name: String, wanted: String, actual: String)
        -> AdmissionError
    {
        let place = ["/registry", kind.group, kind.plural, namespace ?? "", name].filter { !$0.isEmpty }
        return conflict(
            kind, name,
            "StorageError: invalid object, Code: 4, Key: \(place.joined(separator: "/")), ResourceVersion: 0, "
                + "AdditionalErrorMsg: Precondition failed: UID in precondition: \(wanted), UID in object meta: \(actual)"
        )
    }

    static func wrongName(_ given: String, path name: String) -> AdmissionError {
        AdmissionError(
            .badRequest, "the name of the object (\(given)) does not match the name on the URL (\(name))")
    }

    /// An update without a version to compare with.
    static func versionMissing(_ kind: Kind, _ name: String) -> AdmissionError {
        invalid(
            "\(resource(kind)) \"\(name)\"", details(kind.plural, kind, name),
            [
                FieldError(
                    .invalid, ["metadata", "resourceVersion"], value: 0, "must be specified for an update")
            ])
    }

    package static func conflict(_ conflict: ApplyConflict) -> AdmissionError {
        let causes = conflict.conflicts.prefix(Validation.limit).map { conflict -> Tree in
            [
                "reason": "FieldManagerConflict", "message": .string(conflict.message),
                "field": .string(conflict.path),
            ]
        }
        return AdmissionError(.conflict, conflict.description, details: ["causes": .array(causes)])
    }

    static let managerMissing = options(
        "PatchOptions", [FieldError(.required, ["fieldManager"], "is required for apply patch")])

    package static func patch(_ error: JSONPatchError) -> AdmissionError {
        let generic = "the server rejected our request due to an error in our request"
        switch error.code {
        case .malformed: return AdmissionError(.badRequest, error.description)
        case .tooLarge: return AdmissionError(.tooLarge, error.description)
        case .refused:
            return AdmissionError(.invalid, "\(generic): \(error.description)", details: .emptyObject)
        }
    }
}
