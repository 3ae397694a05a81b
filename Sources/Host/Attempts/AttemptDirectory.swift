import Documents
import Kernel
import Model
import Ports

/// The files of one attempt: `lock` is held while its guard lives. All of it is the worker's alone; the task has
/// `task`, and a container is shown that, and `door` to read.
struct AttemptDirectory: Sendable {
    let path: String
    /// What the task may write to lies apart from what it may not see.
    var isContained = false

    init(path: String, isContained: Bool = false) {
        self.path = path
        self.isContained = isContained
    }

    /// One that is there.
    init(existing path: String) { self.init(path: path, isContained: Files.exists("\(path)/task")) }

    var lock: String { "\(path)/lock" }
    var log: String { "\(path)/log" }
    var statusFile: String { "\(path)/status" }
    var door: String { "\(path)/door" }
    var task: String { isContained ? "\(path)/task" : path }
    var output: String { "\(task)/output" }
    var work: String { "\(task)/work" }
    var temporary: String { "\(task)/tmp" }

    /// False if the attempt has been here before.
    func make() throws(SystemError) -> Bool {
        guard try Files.makeDirectory(path) else { return false }
        if isContained { try Files.makeDirectory(task) }
        try Files.makeDirectory(work)
        try Files.makeDirectory(temporary)
        return true
    }

    /// Lets another user have what is the task's.
    func give(to account: ContainerUser.Account) throws(SystemError) {
        for place in [task, work, temporary] {
            try Files.give(place, user: account.user, group: account.group)
        }
    }

    /// What the guard left; nil if it left nothing that can be read.
    var status: GuardStatus? {
        // try?: nil is the answer where it left nothing that can be read; the task can write there too.
        guard let bytes = try? Files.readForeign(statusFile, limit: 64 << 10), let tree = try? JSON.parse(bytes) else {
            return nil
        }
        // try?: as above.
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
