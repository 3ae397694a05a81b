import Documents
import Kernel
import Model

/// The files of one attempt, the worker's alone: `lock` is held while its guard lives.
struct AttemptDirectory: Sendable {
    let path: String

    var lock: String { "\(path)/lock" }
    var log: String { "\(path)/log" }
    var output: String { "\(path)/output" }
    var work: String { "\(path)/work" }
    var temporary: String { "\(path)/tmp" }

    /// False if the attempt has been here before.
    func make() throws(SystemError) -> Bool {
        guard try Files.makeDirectory(path) else { return false }
        try Files.makeDirectory(work)
        try Files.makeDirectory(temporary)
        return true
    }

    /// What the guard left; nil if it left nothing that can be read.
    var status: GuardStatus? {
        guard let bytes = try? Files.read("\(path)/status", limit: 64 << 10), let tree = try? JSON.parse(bytes) else {
            return nil
        }
        return try? GuardStatus(tree: tree)
    }

    /// The environment of the task: the worker's base, the order's, and what the attempt itself gives.
    func environment(base: [String: String], _ order: AttemptOrder) -> [String] {
        var all = ["LANG": "C.UTF-8", "HOME": work, "TMPDIR": temporary]
        all.merge(base) { $1 }
        all.merge(order.environment) { $1 }
        all["RECONCILE_OUTPUT"] = output
        return all.keys.sorted().map { "\($0)=\(all[$0] ?? "")" }
    }
}
