import APIServer
import Client
import Commands
import Documents
import Kernel
import Model
import Testing
import Text
import Tree

/// Somebody at a terminal with an empty store: runs command lines, writes manifests, plays the controllers.
final class Desk: Sendable {
    struct Answer: Sendable {
        let code: Int32
        let out: String
        let err: String
    }

    let runtime = DeskRuntime()
    let directory: String
    private let environment: [String: String]
    private let input: String

    init(environment: [String: String] = [:], input: String = "") throws {
        directory = "/tmp/reconcile-desk-\(UInt64.random(in: 0..<UInt64.max))"
        self.environment = environment
        self.input = input
        try Files.makeDirectories(directory)
    }

    deinit { try? Files.remove(directory) }

    /// `$DIR` in arguments is the desk's own directory; in what is printed it is written so too.
    @discardableResult
    func run(_ words: String...) async -> Answer { await run(words) }

    @discardableResult
    func run(_ words: [String], out: Recorder = Recorder()) async -> Answer {
        let err = Recorder()
        let input = Array(input.utf8)
        let console = Console(
            output: out, errors: err, environment: environment, clock: StillClock(), version: "1.2.3",
            input: { limit throws(CommandError) in
                guard input.count <= limit else { throw CommandError(.invalid, "too large") }
                return input
            })
        let program = Program(runtime: runtime, console: console)
        let code = await program.run(words.map { $0.replacing("$DIR", with: directory) })
        return Answer(
            code: code, out: out.text.replacing(directory, with: "$DIR"),
            err: err.text.replacing(directory, with: "$DIR"))
    }

    /// Until it holds, at most ten seconds.
    func until(_ condition: () -> Bool) async {
        for _ in 0..<500 where !condition() { try? await Task.sleep(for: .milliseconds(20)) }
    }

    func write(_ name: String, _ text: String) throws {
        let path = "\(directory)/\(name)"
        if let slash = path.lastIndex(of: "/") { try Files.makeDirectories(String(path[..<slash])) }
        try Files.replace(path, Array(text.utf8))
    }

    func read(_ name: String) throws -> String {
        String(decoding: try #require(try Files.read("\(directory)/\(name)", limit: 1 << 20)), as: UTF8.self)
    }

    // MARK: Playing the controllers

    /// Stores an object as it is written, its status included.
    func store(_ yaml: String) async throws {
        for document in try YAML.parse(yaml) {
            let tree = document.tree
            let kind = try #require(Kind(rawValue: tree["kind"]?.string ?? ""))
            let namespace = kind.namespaced ? tree["metadata"]?["namespace"]?.string ?? "default" : ""
            if kind.namespaced { try await ensure(namespace) }
            let key = ObjectKey(kind, namespace, tree["metadata"]?["name"]?.string ?? "")
            var bare = tree
            bare["status"] = nil
            _ = try await runtime.direct.send(
                APIRequest(
                    .post, APIPath.collection(kind, namespace: namespace), body: JSON.encode(bare),
                    caller: kind == .worker || kind == .task ? Self.controllers : .local))
            if let status = tree["status"] { try await setStatus(key, status) }
        }
    }

    private static let controllers = Caller(
        user: "controllers", groups: ["system:authenticated"], grants: [.init(.coordinator)])

    func setStatus(_ key: ObjectKey, _ status: Tree) async throws {
        _ = try await runtime.direct.send(
            APIRequest(
                .patch, APIPath.object(key, part: "status"), contentType: "application/merge-patch+json",
                body: JSON.encode(["status": status])))
    }

    func get(_ key: ObjectKey) async throws -> Tree {
        try await runtime.direct.send(APIRequest(.get, APIPath.object(key))).tree
    }

    private func ensure(_ namespace: String) async throws {
        let body: Tree = ["apiVersion": "v1", "kind": "Namespace", "metadata": ["name": .string(namespace)]]
        do {
            _ = try await runtime.direct.send(APIRequest(.post, "/api/v1/namespaces", body: JSON.encode(body)))
        } catch  where error.reason == "AlreadyExists" {}
    }
}

extension Desk {
    static let hello = """
        apiVersion: reconcile.dev/v1alpha1
        kind: ExecutionPlan
        metadata: {name: hello}
        spec:
          regions:
            - region: here
              poolTemplate: {worker: {type: Local}}
              tasks:
                - {name: greet, run: {command: [echo, hello]}}
                - {name: bow, run: {command: [echo, bow]}, dependsOn: [greet]}
        ---
        apiVersion: reconcile.dev/v1alpha1
        kind: Region
        metadata: {name: here}
        spec: {provider: {local: {}}}
        """
}
