import Documents
import Glibc
import Kernel
import ProcessKit
import Testing
import Tree

/// One state directory of its own, with manifests beside it and a witness that the tasks write to.
final class Site: Sendable {
    private let scratch: Scratch
    private let launcher: Launcher
    let witness: Witness

    init() throws {
        scratch = try Scratch()
        launcher = Launcher(scratch.path)
        witness = try Witness(in: scratch.path)
    }

    deinit {
        launcher.endAll()
        for entry in residents() { kill(entry.pid, SIGKILL) }
    }

    var state: String { scratch.path + "/state" }
    /// Where manifests and the witness are.
    var directory: String { scratch.path }

    // MARK: Invocations

    func run(
        _ words: String..., within limit: Duration = .seconds(60), extra: [String] = []
    ) async throws -> Outcome { try await run(words, within: limit, extra: extra) }

    func run(
        _ words: [String], within limit: Duration = .seconds(60), extra: [String] = [], instead other: String? = nil
    ) async throws -> Outcome {
        let words = words + ["--state", other ?? state]
        let started = try launcher.start(words, extra: extra)
        let code = try await launcher.end(of: started, within: limit)
        return Outcome(words: words, code: code, output: started.output, errors: started.errors)
    }

    /// Over the network: by a kubeconfig in place of the state directory.
    func remotely(
        _ words: [String], kubeconfig: String? = nil, within limit: Duration = .seconds(60), extra: [String] = []
    ) async throws -> Outcome {
        let words = words + ["--kubeconfig", kubeconfig ?? "\(state)/kubeconfig"]
        let started = try launcher.start(words, extra: extra)
        let code = try await launcher.end(of: started, within: limit)
        return Outcome(words: words, code: code, output: started.output, errors: started.errors)
    }

    /// The same where nothing but success will do.
    @discardableResult
    func succeed(
        _ words: String..., within limit: Duration = .seconds(60), at location: SourceLocation = #_sourceLocation
    ) async throws -> Outcome {
        let outcome = try await run(words, within: limit)
        try #require(outcome.code == 0, "\(outcome)", sourceLocation: location)
        return outcome
    }

    /// Starts an invocation that goes on beside the test.
    func start(_ words: String...) throws -> Launcher.Started { try launcher.start(words + ["--state", state]) }

    func end(of started: Launcher.Started, within limit: Duration = .seconds(60)) async throws -> Int {
        try await launcher.end(of: started, within: limit)
    }

    /// Controllers on this state, once they are ready.
    @discardableResult
    func serve(_ options: String..., extra: [String] = []) async throws -> Launcher.Started {
        let options = options.isEmpty ? ["--local"] : options
        let started = try launcher.start(["serve"] + options + ["--state", state], extra: extra)
        try await eventually("the controllers are ready", within: .seconds(30)) {
            guard ProcessEntry(pid: started.pid)?.isDead == false else {
                throw Unmet("serve ended: \(started.errors)")
            }
            return started.errors.contains("ready:")
        }
        return started
    }

    func kill9(_ started: Launcher.Started) async throws {
        kill(started.pid, SIGKILL)
        _ = try await launcher.end(of: started, within: .seconds(10))
    }

    // MARK: Manifests

    /// A file of the site; the answer is its path.
    @discardableResult
    func write(_ name: String, _ text: String) throws -> String { try write(name, Array(text.utf8)) }

    @discardableResult
    func write(_ name: String, _ bytes: [UInt8]) throws -> String {
        let path = "\(scratch.path)/manifests/\(name)"
        try Files.makeDirectories(String(path[..<(path.lastIndex(of: "/") ?? path.endIndex)]))
        try Files.replace(path, bytes)
        return path
    }

    /// Lets a file have that many bytes without writing them.
    func lengthen(_ path: String, to bytes: Int) throws {
        guard truncate(path, bytes) == 0 else { throw SystemError("truncate", path) }
    }

    /// Writes and applies.
    @discardableResult
    func apply(_ name: String, _ manifests: String..., at location: SourceLocation = #_sourceLocation) async throws
        -> String
    {
        let path = try write(name, manifests.joined(separator: "---\n"))
        try await succeed("apply", "-f", path, at: location)
        return path
    }

    // MARK: Looking

    func object(_ name: String) async throws -> Tree { try await succeed("get", name, "-o", "json").tree }

    func objects(_ kind: String) async throws -> [Tree] {
        try await succeed("get", kind, "-A", "-o", "json").tree["items"]?.array ?? []
    }

    func task(_ plan: String, _ name: String) async throws -> Tree { try await object("xtask/\(plan)-\(name)") }

    /// Waits until the object is as wanted; what it was last is said when it never is.
    @discardableResult
    func await(
        _ name: String, _ what: String, within limit: Duration = .seconds(30), _ holds: (Tree) -> Bool
    ) async throws -> Tree {
        let end = ContinuousClock.now + limit
        while true {
            let outcome = try await run("get", name, "-o", "json")
            let object = outcome.code == 0 ? try outcome.tree : .null
            if holds(object) { return object }
            guard ContinuousClock.now < end else {
                throw Unmet("not within \(limit): \(name) \(what), it is\n\(YAML.emit(object["status"] ?? .null))")
            }
            try await Task.sleep(for: .milliseconds(150))
        }
    }

    func awaitPlan(_ name: String, _ phase: String = "Succeeded", within limit: Duration = .seconds(60)) async throws {
        try await self.await("xplan/\(name)", "is \(phase)", within: limit) { $0["status"]?["phase"]?.string == phase }
    }

    // MARK: What is left

    /// The living processes that have to do with this state.
    func residents() -> [ProcessEntry] {
        ProcessTable.entries().filter { entry in
            guard !entry.isDead, entry.pid != getpid() else { return false }
            if let here = try? Files.target(of: "/proc/\(entry.pid)/cwd"), here.hasPrefix(state) { return true }
            let command = (try? Files.read("/proc/\(entry.pid)/cmdline", limit: 1 << 20)) ?? []
            return String(decoding: command.map { $0 == 0 ? 0x20 : $0 }, as: UTF8.self).contains(state + " ")
        }
    }

    /// The process of a worker.
    func process(ofWorker name: String) async throws -> ProcessIdentity {
        let worker = try await object("wkr/\(name)")
        let text = try #require(worker["status"]?["providerID"]?.string)
        return try #require(ProcessIdentity(text.hasPrefix("process:") ? String(text.dropFirst(8)) : text))
    }

    /// The worker processes that live, by name.
    func workerProcesses() async throws -> [String: ProcessIdentity] {
        var found: [String: ProcessIdentity] = [:]
        for worker in try await objects("wkr") {
            guard let name = worker["metadata"]?["name"]?.string, let text = worker["status"]?["providerID"]?.string,
                let process = ProcessIdentity(String(text.dropFirst("process:".count))), process.isAlive
            else { continue }
            found[name] = process
        }
        return found
    }

    /// Files that the program left outside its state: in its home, its place for temporary files, its working
    /// directory.
    func litter() throws -> [String] {
        try ["home", "tmp", "here"].flatMap { place in
            try Files.names(in: "\(scratch.path)/\(place)").map { "\(place)/\($0)" }
        }
    }
}

extension Site {
    func owns(_ entry: ProcessEntry) -> Bool { residents().contains { $0.pid == entry.pid } }
}
