import Apply
import Documents
import Model
import Tree

/// What a deletion asks for: DeleteOptions of the Kubernetes API, in the body or, without one, in the query.
struct DeleteRequest: Sendable {
    var isDry = false
    var options = DeleteOptions()
    /// Whether dependents were asked to go, in the old words for it.
    var endsDependents = false
    /// Nil where nothing was said.
    var propagation: DeleteOptions.Propagation?

    init(_ request: APIRequest, body: (APIRequest) throws -> Tree) throws {
        let asked = request.body.isEmpty ? try Self.query(request) : try Self.document(request, body)
        let problems = Self.problems(asked)
        guard problems.isEmpty else { throw AdmissionError.options("DeleteOptions", problems) }
        isDry = !(asked["dryRun"]?.array ?? []).isEmpty
        options.uid = asked["preconditions"]?["uid"]?.string
        options.resourceVersion = asked["preconditions"]?["resourceVersion"]?.string
        if let orphans = asked["orphanDependents"]?.bool {
            propagation = orphans ? .orphan : .background
            endsDependents = !orphans
        } else {
            propagation = asked["propagationPolicy"]?.string.flatMap(DeleteOptions.Propagation.init)
        }
    }

    private static func query(_ request: APIRequest) throws(RequestProblem) -> Tree {
        let parameters = Parameters(request.query)
        var tree = Tree.emptyObject
        if parameters.has("dryRun") { tree["dryRun"] = [.string(parameters.text("dryRun"))] }
        if parameters.has("propagationPolicy") {
            tree["propagationPolicy"] = .string(parameters.text("propagationPolicy"))
        }
        tree["orphanDependents"] = parameters.flag("orphanDependents").map { .bool($0) }
        tree["gracePeriodSeconds"] = try parameters.number("gracePeriodSeconds").map { .int($0) }
        return tree
    }

    private static func document(_ request: APIRequest, _ body: (APIRequest) throws -> Tree) throws -> Tree {
        let tree = try body(request)
        guard case .object = tree else {
            throw AdmissionError(
                .badRequest,
                "couldn't get version/kind; json parse error: DeleteOptions are an object, not \(tree.typeName)")
        }
        let kind = tree["kind"]?.string ?? ""
        guard kind.isEmpty || kind == "DeleteOptions" else {
            throw AdmissionError(.badRequest, "decoded object cannot be converted to DeleteOptions: it is a \(kind)")
        }
        return try TypedDecoding.decode(tree, MetaShapes.deleteOptions, "DeleteOptions")
    }

    private static func problems(_ asked: Tree) -> [FieldError] {
        var problems: [FieldError] = []
        let word = asked["propagationPolicy"]?.string
        if let word, asked["orphanDependents"] != nil {
            problems.append(
                FieldError(
                    .invalid, ["propagationPolicy"], value: .string(word),
                    "orphanDependents and deletionPropagation cannot be both set"))
        }
        if let word, DeleteOptions.Propagation(rawValue: word) == nil {
            problems.append(
                FieldError(
                    .notSupported, ["propagationPolicy"], value: .string(word),
                    "supported values: \"Foreground\", \"Background\", \"Orphan\", \"nil\""))
        }
        return problems + DryRun.errors((asked["dryRun"]?.array ?? []).map { $0.string ?? "" })
    }
}
