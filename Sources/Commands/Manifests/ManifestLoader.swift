import Documents
import Model
import Text
import Tree

/// Reads manifests and checks all that can be checked without a state: form, kinds, fields, bounds, rules, names that
/// must be unique. Everything wrong is said at once, each with its place.
struct ManifestLoader {
    let console: Console
    let namespace: String
    /// Whether the namespace was asked for, and not only the one that is used where nobody says.
    let isAskedFor: Bool

    /// More issues than these are only counted.
    private static let mostShown = 50

    private var issues: [ManifestIssue] = []
    private var bytes: [SourceName: [UInt8]] = [:]
    private var manifests = Manifests()

    init(console: Console, namespace: String, isAskedFor: Bool) {
        self.console = console
        self.namespace = namespace
        self.isAskedFor = isAskedFor
    }

    static func load(
        _ arguments: ManifestArguments, _ space: NamespaceArguments, _ context: Context
    ) throws(ManifestError) -> Manifests {
        var loader = ManifestLoader(
            console: context.console, namespace: context.namespace(space), isAskedFor: space.namespace != nil)
        return try loader.load(arguments.filename, recursive: arguments.recursive)
    }

    mutating func load(_ paths: [String], recursive: Bool) throws(ManifestError) -> Manifests {
        guard !paths.isEmpty else {
            throw ManifestError(
                CommandError(
                    .failed, "no manifests given", next: "Name files or directories with -f, or - for standard input."))
        }
        do throws(CommandError) { try read(paths, recursive: recursive) } catch { throw ManifestError(error) }
        guard issues.isEmpty else { throw ManifestError(issues, mostShown: Self.mostShown) }
        guard !manifests.items.isEmpty else {
            let names = paths.map { $0 == "-" ? "<stdin>" : $0 }.joined(separator: ", ")
            throw ManifestError(CommandError(.invalid, "\(names): no objects in it: empty, or comments only"))
        }
        try checkNamespaces()
        findDuplicates()
        for manifest in manifests.items {
            var check = ManifestCheck(manifest, now: console.now)
            check.run()
            manifests.warnings += check.warnings
            for issue in check.issues { report(manifest.place, issue.path, part: issue.part, issue.message) }
        }
        guard issues.isEmpty else { throw ManifestError(issues, mostShown: Self.mostShown) }
        manifests.items = manifests.items.enumerated()
            .sorted { ($0.element.key.kind, $0.offset) < ($1.element.key.kind, $1.offset) }.map(\.element)
        findReferences()
        return manifests
    }

    /// As kubectl has it: objects that say where they belong are not put elsewhere, nor silently there.
    private func checkNamespaces() throws(ManifestError) {
        guard isAskedFor,
            let other = manifests.items.first(where: { $0.key.kind.namespaced && $0.key.namespace != namespace })
        else { return }
        let place = locate(other.place, ["metadata", "namespace"], .value)
        throw ManifestError(
            CommandError(
                .failed,
                "\(place.file):\(place.line):\(place.column): \(other.key) is of namespace \"\(other.key.namespace)\", and "
                    + "-n says \"\(namespace)\"",
                next: "Nothing was done. Leave -n out, or say -n \(other.key.namespace)."))
    }

    /// Names that lead to nothing here. What is near a name beside it is most likely a slip; what is not may be in the
    /// state, and is left for those who can look there.
    private mutating func findReferences() {
        let names = Dictionary(grouping: manifests.items.map(\.key)) { ObjectKey($0.kind, $0.namespace, "") }
        for manifest in manifests.items {
            for reference in References.of(manifest) {
                let beside = (names[ObjectKey(reference.kind, reference.namespace, "")] ?? []).map(\.name)
                guard !beside.contains(reference.name) else { continue }
                let place = locate(manifest.place, reference.path, .value)
                let at = "\(place.file):\(place.line):\(place.column)"
                let isNear = NearestName.suggest(reference.name, among: beside + reference.local) != nil
                manifests.unresolved.append(
                    Manifests.Unresolved(place: at, reference: reference, beside: beside, isNear: isNear))
            }
        }
    }

    private mutating func read(_ paths: [String], recursive: Bool) throws(CommandError) {
        var files = ManifestFiles(recursive: recursive, console: console)
        for path in paths { try files.add(path) }
        var intake = Intake()
        for input in files.inputs where bytes[input.source] == nil {
            bytes[input.source] = input.bytes
            do throws(DocumentError) { try intake.add(input.bytes, source: input.source) } catch {
                issues.append(
                    ManifestIssue(
                        file: error.source.description, line: error.line, column: error.column, message: error.message))
            }
        }
        for document in intake.documents { identify(document) }
    }

    // MARK: Identity

    private mutating func identify(_ document: Document) {
        let place = ManifestPlace(source: document.source, document: document.index, line: document.line)
        let tree = document.tree
        let member: String
        switch tree["kind"]?.string {
        case "List": member = "items"
        case PlanReport.kindWord:
            member = "objects"
            manifests.basis += (tree["basis"]?.array ?? []).compactMap { PlanReport.Basis($0) }
        default: return identify(tree, place)
        }
        for (index, item) in (tree[member]?.array ?? []).enumerated() {
            var inner = place
            inner.prefix = FieldPath([.field(member), .index(index)])
            identify(item, inner)
        }
    }

    private mutating func identify(_ tree: Tree, _ place: ManifestPlace) {
        guard case .object = tree else {
            return report(place, [], "expected an object with apiVersion, kind and metadata, got \(tree.typeName)")
        }
        guard let word = tree["kind"]?.string, !word.isEmpty else {
            return report(place, ["kind"], "kind: Required value: what the object is, such as ExecutionPlan")
        }
        guard let kind = Kind(rawValue: word) else {
            let meant = NearestName.suggest(word, among: Kind.allCases.map(\.rawValue)).map {
                "; did you mean \"\($0)\"?"
            }
            return report(
                place, ["kind"], "kind: \"\(word)\" is none that Reconcile keeps\(meant ?? "; it keeps \(Self.kinds)")")
        }
        let version = tree["apiVersion"]?.string ?? ""
        guard version == kind.apiVersion else {
            let got = version.isEmpty ? "Required value" : "\"\(version)\" has no \(word)"
            return report(place, ["apiVersion"], "apiVersion: \(got); write \(kind.apiVersion)")
        }
        guard let name = tree["metadata"]?["name"]?.string, !name.isEmpty else {
            return report(place, ["metadata", "name"], "metadata.name: Required value: the name of the \(word)")
        }
        var tree = tree
        var space = ""
        if kind.namespaced {
            space = tree["metadata"]?["namespace"]?.string ?? ""
            if space.isEmpty {
                space = namespace
                tree["metadata"]?["namespace"] = .string(space)
            }
        }
        manifests.items.append(Manifest(tree: Self.asWritten(tree), key: ObjectKey(kind, space, name), place: place))
    }

    /// What `get -o yaml` printed can be applied again: what the server wrote into it is no wish of the user's.
    private static func asWritten(_ tree: Tree) -> Tree {
        guard tree["metadata"]?["uid"] != nil else { return tree }
        var written = tree
        for field in ["uid", "resourceVersion", "generation", "creationTimestamp", "managedFields"] {
            written["metadata"]?[field] = nil
        }
        written["status"] = nil
        return written
    }

    private static var kinds: String { Kind.own.map(\.rawValue).joined(separator: ", ") }

    private mutating func findDuplicates() {
        var seen: [ObjectKey: ManifestPlace] = [:]
        for manifest in manifests.items {
            guard let first = seen[manifest.key] else {
                seen[manifest.key] = manifest.place
                continue
            }
            let place = locate(first, ["metadata", "name"], .value)
            report(
                manifest.place, ["metadata", "name"],
                "\(manifest.key) is already at \(place.file):\(place.line):\(place.column); keep one of them")
        }
    }

    // MARK: Places

    private mutating func report(
        _ place: ManifestPlace, _ path: FieldPath, part: Positions.Part = .value, _ message: String
    ) {
        // Finding a place reads the document again: what is only counted gets none (S13).
        var issue =
            issues.count < Self.mostShown
            ? locate(place, path, part)
            : ManifestIssue(file: place.source.description, line: place.line, column: 1, message: "")
        issue.message = message
        issues.append(issue)
    }

    private func locate(_ place: ManifestPlace, _ path: FieldPath, _ part: Positions.Part) -> ManifestIssue {
        // The place of a list's item that is missing a field is the item, not the list.
        let whole = FieldPath(place.prefix.steps + path.steps)
        let position = Positions.locate(whole, part: part, in: bytes[place.source] ?? [], document: place.document)
        return ManifestIssue(
            file: place.source.description, line: position?.line ?? place.line, column: position?.column ?? 1,
            message: "")
    }
}

/// Why manifests were refused: the issues with their places, or what kept them from being read.
struct ManifestError: Error, Sendable {
    let issues: [ManifestIssue]
    let error: CommandError

    init(_ error: CommandError) {
        issues = []
        self.error = error
    }

    init(_ issues: [ManifestIssue], mostShown: Int) {
        self.issues = issues
        var lines: [TerminalText] = issues.prefix(mostShown).map { "\($0.description)" }
        if issues.count > mostShown { lines.append("… and \(issues.count - mostShown) more") }
        let count = issues.count == 1 ? "1 error" : "\(issues.count) errors"
        error = CommandError(
            .invalid, lines.joined(separator: "\n"), next: "\(count) in the manifests; nothing was applied.")
    }
}
