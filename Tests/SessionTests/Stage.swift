import APIServer
import Client
import Commands
import Documents
import Host
import Kernel
import Model
import Ports
import ProcessKit
import SQLiteStorage
import Testing
import Tree

@testable import reconcile

/// What a session is played on: a directory with its files, a state, and a screen.
final class Stage {
    let scratch: Scratch
    let state: String
    /// Nil: a pipe.
    var columns: Int?

    init() throws {
        scratch = try Scratch()
        state = scratch.path + "/state"
        try Files.makeDirectories(files)
    }

    /// Where the commands are run.
    var files: String { scratch.path + "/here" }

    func write(_ name: String, _ text: String) throws {
        let path = "\(files)/\(name)"
        if let slash = path.lastIndex(of: "/") { try Files.makeDirectories(String(path[..<slash])) }
        try Files.replace(path, Array(text.utf8))
    }

    func set(_ words: [String]) async throws {
        switch words.first {
        case "columns": columns = words.last.flatMap { Int($0) }
        case "pipe": columns = nil
        case "given": try await store(try #require(words.last))
        case "program", "loose": break
        default: Issue.record("no such setting: \(words)")
        }
    }

    /// Files of objects tell of this time as their present.
    private static let present = Timestamp(milliseconds: 1_606_154_400_000)
    /// So long ago is it when a session is played: half a day stands between its age and another number of days.
    private static let past = Duration.hours(40 * 24 + 12)

    /// The same story, its times as far from each other and 40 days ago: ages keep their numbers, whenever it is
    /// played.
    private static func moved(_ text: String) -> String {
        let distance = SystemClock().now.wall.wholeSeconds - past - present
        return text.replacing(/2020-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z/) { match in
            Timestamp(String(match.output.0)).map { "\($0 + distance)" } ?? String(match.output.0)
        }
    }

    /// Stores objects with their status, as controllers would have left them.
    private func store(_ file: String) async throws {
        let written = try #require(try Files.read("\(files)/\(file)", limit: 1 << 20))
        let bytes = Array(Self.moved(String(decoding: written, as: UTF8.self)).utf8)
        let open = try await OpenState.open(state, clusterID: nil, closingProcess: false)
        let direct = DirectClient(open.api)
        for document in try Documents.parse(bytes, source: SourceName(file)) {
            let tree = document.tree
            let kind = try #require(Kind(rawValue: tree["kind"]?.string ?? ""))
            let namespace = kind.namespaced ? tree["metadata"]?["namespace"]?.string ?? "default" : ""
            if kind.namespaced { try await make(namespace: namespace, by: direct) }
            // What only controllers make.
            if kind == .worker || kind == .task {
                try await write(kind, tree, namespace, to: open)
                continue
            }
            var bare = tree
            bare["status"] = nil
            let key = ObjectKey(kind, namespace, tree["metadata"]?["name"]?.string ?? "")
            _ = try await direct.send(
                APIRequest(.post, APIPath.collection(kind, namespace: namespace), body: JSON.encode(bare)))
            guard let status = tree["status"] else { continue }
            _ = try await direct.send(
                APIRequest(
                    .patch, APIPath.object(key, part: "status"), contentType: "application/merge-patch+json",
                    body: JSON.encode(["status": status])))
        }
        await open.store.close()
    }

    private func write(_ kind: Kind, _ tree: Tree, _ namespace: String, to open: OpenState) async throws {
        var metadata = tree["metadata"] ?? .emptyObject
        let name = metadata["name"]?.string ?? ""
        metadata["namespace"] = .string(namespace)
        metadata["uid"] = .string("00000000-0000-4000-8000-\(String(name.hashed, radix: 16).padded(to: 12))")
        metadata["generation"] = 1
        metadata["creationTimestamp"] = .string(Self.moved("2020-11-23T12:00:00Z"))
        // Whole, as admission would leave it.
        var whole: Tree
        switch kind {
        case .worker: whole = try Worker(tree: with(tree, metadata)).tree
        default: whole = try WorkTask(tree: with(tree, metadata)).tree
        }
        whole["apiVersion"] = tree["apiVersion"]
        whole["kind"] = tree["kind"]
        _ = try await open.store.commit(Batch([.create(ObjectKey(kind, namespace, name), whole)]))
    }

    private func with(_ tree: Tree, _ metadata: Tree) -> Tree {
        var tree = tree
        tree["metadata"] = metadata
        return tree
    }

    private func make(namespace: String, by client: DirectClient) async throws {
        let body: Tree = ["apiVersion": "v1", "kind": "Namespace", "metadata": ["name": .string(namespace)]]
        do {
            _ = try await client.send(APIRequest(.post, "/api/v1/namespaces", body: JSON.encode(body)))
        } catch {
            guard error.reason == "AlreadyExists" else { throw error }
        }
    }

    func normaliser(_ session: Session) -> Normaliser {
        Normaliser(directory: files, state: state, isLoose: session.isLoose)
    }

    // MARK: Words

    /// As a shell splits a line: blanks between words, quotes around what belongs together.
    static func words(_ line: String) -> [String] {
        var words: [String] = []
        var word: String?
        var quote: Character?
        for character in line {
            if let open = quote {
                if character == open { quote = nil } else { word?.append(character) }
            } else if character == "'" || character == "\"" {
                quote = character
                word = word ?? ""
            } else if character == " " {
                if let done = word { words.append(done) }
                word = nil
            } else {
                word = (word ?? "") + String(character)
            }
        }
        if let done = word { words.append(done) }
        return words
    }
}

extension String {
    /// The same in every run, unlike a `Hasher`'s.
    fileprivate var hashed: UInt64 {
        utf8.reduce(14_695_981_039_346_656_037) { ($0 ^ UInt64($1)) &* 1_099_511_628_211 }
    }

    fileprivate func padded(to length: Int) -> String {
        String(String(repeating: "0", count: max(0, length - count)) + self).suffix(length).description
    }
}
