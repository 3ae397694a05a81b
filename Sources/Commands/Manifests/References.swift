import Model
import Text
import Tree

/// One place of a manifest that names another object.
struct Reference: Sendable, Hashable {
    var path: FieldPath
    /// Where it may be: the first of these that exists is meant. Never empty.
    var kind: Kind
    var namespace: String
    var name: String
    /// Names that mean something here and are no objects: a plan's own sync points.
    var local: [String] = []

    var key: ObjectKey { ObjectKey(kind, namespace, name) }

    /// `there is no workerpool "us-worker"`
    func missing(_ where: String, near names: [String]) -> String {
        let meant = NearestName.suggest(name, among: names + local).map { "; did you mean \"\($0)\"?" } ?? ""
        return "\(path): there is no \(kind.singular) \"\(name)\"\(`where`)\(meant)"
    }
}

/// What the objects of our kinds refer to by name. The tree has passed the checks of its kind.
struct References {
    private let namespace: String
    private(set) var found: [Reference] = []

    static func of(_ manifest: Manifest) -> [Reference] {
        var references = References(namespace: manifest.key.namespace)
        let spec = manifest.tree["spec"] ?? .emptyObject
        switch manifest.key.kind {
        case .executionPlan: references.plan(spec)
        case .workerPool: references.add(.region, spec, ["spec"], "region")
        case .syncPoint: references.point(spec)
        default: break
        }
        return references.found
    }

    private init(namespace: String) { self.namespace = namespace }

    private mutating func add(_ kind: Kind, _ tree: Tree, _ path: FieldPath, _ member: String) {
        add(kind, tree[member]?.string, path + member)
    }

    private mutating func add(_ kind: Kind, _ name: String?, _ path: FieldPath, local: [String] = []) {
        guard let name, !name.isEmpty, !local.contains(name) else { return }
        found.append(
            Reference(path: path, kind: kind, namespace: kind.namespaced ? namespace : "", name: name, local: local))
    }

    private mutating func addAll(
        _ kind: Kind, _ tree: Tree?, _ path: FieldPath, local: [String] = []
    ) {
        for (index, name) in (tree?.array ?? []).enumerated() { add(kind, name.string, path + index, local: local) }
    }

    private mutating func plan(_ spec: Tree) {
        let root: FieldPath = ["spec"]
        let points = spec["synchronization"]?["points"]?.array ?? []
        let local = points.compactMap { $0["name"]?.string }
        add(.region, spec, root, "coordinator")
        for (index, entry) in (spec["regions"]?.array ?? []).enumerated() {
            let path = root + "regions" + index
            add(.region, entry, path, "region")
            add(.workerPool, entry, path, "pool")
            tasks(entry["tasks"], path + "tasks", local)
        }
        tasks(spec["tasks"], root + "tasks", local)
        for (index, point) in points.enumerated() {
            addAll(.region, point["regions"], root + "synchronization" + "points" + index + "regions")
        }
    }

    private mutating func tasks(_ tasks: Tree?, _ path: FieldPath, _ points: [String]) {
        for (index, task) in (tasks?.array ?? []).enumerated() {
            let path = path + index
            addAll(.syncPoint, task["waitFor"], path + "waitFor", local: points)
            let requires = path + "requires"
            for member in ["include", "exclude"] {
                addAll(.region, task["requires"]?["regions"]?[member], requires + "regions" + member)
            }
            addAll(.region, task["requires"]?["dataLocality"]?["regions"], requires + "dataLocality" + "regions")
            for (number, variable) in (task["run"]?["env"]?.array ?? []).enumerated() {
                add(
                    .secret, variable["secretRef"]?["name"]?.string,
                    path + "run" + "env" + number + "secretRef" + "name")
            }
        }
    }

    private mutating func point(_ spec: Tree) {
        add(.executionPlan, spec, ["spec"], "plan")
        for (index, party) in (spec["participants"]?.array ?? []).enumerated() {
            let path = (["spec", "participants"] as FieldPath) + index
            add(.region, party, path, "region")
            add(.executionPlan, party, path, "plan")
        }
    }
}
