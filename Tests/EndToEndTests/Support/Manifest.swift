/// The manifests of these tests, as text: small ones of one line each.
enum Manifest {
    private static let version = "apiVersion: reconcile.dev/v1alpha1\n"

    static func region(_ name: String = "here", _ spec: String = "") -> String {
        version + "kind: Region\nmetadata: {name: \(name)}\nspec: {\(joined("provider: {local: {}}", spec))}\n"
    }

    static func pool(
        _ name: String = "hands", region: String = "here", workers: Int = 1, slots: Int = 4, worker: String = "",
        _ spec: String = ""
    ) -> String {
        let template = joined("type: Local, maxConcurrentTasks: \(slots)", worker)
        let fields = joined(
            "region: \(region), minWorkers: \(workers), maxWorkers: \(workers), worker: {\(template)}", spec)
        return version + "kind: WorkerPool\nmetadata: {name: \(name)}\nspec: {\(fields)}\n"
    }

    /// A plan whose tasks are in one region.
    static func plan(
        _ name: String, region: String = "here", pool: String = "hands", spec: String = "", _ tasks: [String]
    ) -> String {
        var text = version + "kind: ExecutionPlan\nmetadata: {name: \(name)}\nspec:\n"
        for line in spec.split(separator: "\n") { text += "  \(line)\n" }
        text += "  regions:\n    - region: \(region)\n      pool: \(pool)\n      tasks:\n"
        for task in tasks { text += "        - {\(task)}\n" }
        return text
    }

    static func task(_ name: String, _ command: String, _ fields: String = "") -> String {
        joined("name: \(name), run: {command: \(command)}", fields)
    }

    /// A shell's command line.
    static func shell(_ line: String) -> String { "[sh, -c, '\(line)']" }

    private static func joined(_ first: String, _ second: String) -> String {
        second.isEmpty ? first : "\(first), \(second)"
    }
}
