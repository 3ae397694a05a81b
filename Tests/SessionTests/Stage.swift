import APIServer
import Client
import Commands
import Documents
import Kernel
import Model
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

    /// Stores objects with their status, as controllers would have left them.
    private func store(_ file: String) async throws {
        let bytes = try #require(try Files.read("\(files)/\(file)", limit: 1 << 20))
        let open = try await OpenState.open(state, clusterID: nil)
        let direct = DirectClient(open.api)
        for document in try Documents.parse(bytes, source: SourceName(file)) {
            let tree = document.tree
            let kind = try #require(Kind(rawValue: tree["kind"]?.string ?? ""))
            let namespace = kind.namespaced ? tree["metadata"]?["namespace"]?.string ?? "default" : ""
            if kind.namespaced { try await make(namespace: namespace, by: direct) }
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
