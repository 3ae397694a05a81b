import APIServer
import Documents
import Foundation
import Model
import Storage
import Testing
import Tree

/// Recorded exchanges sent again, in their order, to a server of ours. What the real server chose itself (uids,
/// versions, generated names) is ours once it was answered, so that later requests mean the same.
final class Replay {
    let desk: Desk
    /// Words of the real server and what they are here.
    private var words: [String: String] = [:]
    private var uids: [String] = []

    /// The history begins after version 1700, as the real one's did.
    init() throws {
        desk = try Desk(
            StoreCore(restoring: [], version: 1700, epoch: 0), admissions: [.workerPool: RecordedPool.admission])
    }

    func request(_ recorded: Tree, body: [UInt8]? = nil) -> APIRequest {
        let parts = (recorded["path"]?.string ?? "").split(separator: "?", maxSplits: 1)
        var query: [String: String] = [:]
        for pair in parts.count > 1 ? parts[1].split(separator: "&") : [] {
            let sides = pair.split(separator: "=", maxSplits: 1).map { String($0).removingPercentEncoding ?? "" }
            query[sides[0]] = sides.count > 1 ? words[sides[1]] ?? sides[1] : ""
        }
        // The streams are cut by the test: its clock stands.
        query["timeoutSeconds"] = nil
        let sent: [UInt8] =
            switch recorded["body"] {
            case .string(let text): Array(text.utf8)
            case nil: []
            case let tree?: JSON.encode(translated(tree))
            }
        return APIRequest(
            APIRequest.Method(rawValue: recorded["method"]?.string ?? "") ?? .get, String(parts[0]), query: query,
            contentType: recorded["headers"]?["Content-Type"]?.string ?? "application/json",
            accept: recorded["headers"]?["Accept"]?.string ?? "", body: body ?? sent,
            caller: recorded["headers"]?["Authorization"] == nil ? .anonymous : .local, agent: "unknown")
    }

    /// A recorded answer with our words in place of the real server's.
    func translated(_ tree: Tree) -> Tree {
        switch tree {
        case .string(let text):
            if let word = words[text] { return .string(word) }
            // Uids also stand within messages.
            return .string(uids.reduce(text) { $0.replacingOccurrences(of: $1, with: words[$1] ?? $1) })
        case .array(let items): return .array(items.map(translated))
        case .object(let members):
            var result = Tree.emptyObject
            for member in members { result[member.key] = translated(member.value) }
            return result
        default: return tree
        }
    }

    /// Takes over what both servers chose for one object. A word once known stays what it was: an answer with another
    /// version than expected is a write that should not have been, or one that is missing.
    func learn(_ recorded: Tree, _ ours: Tree, _ name: String) {
        guard let there = recorded["metadata"], let here = ours["metadata"] else { return }
        for member in ["name", "uid", "resourceVersion", "continue"] {
            guard let word = there[member]?.string, let own = here[member]?.string, !word.isEmpty else { continue }
            if member == "uid", words[word] == nil { uids.append(word) }
            if let known = words[word] {
                #expect(known == own, "\(name): \(member)")
            } else {
                words[word] = own
            }
        }
    }

    /// Sets the clock to when the real server answered, as far as the answer tells.
    func setClock(by recorded: Tree) {
        let metadata = recorded["metadata"] ?? .null
        let times =
            [metadata["creationTimestamp"], metadata["deletionTimestamp"]]
            + (metadata["managedFields"]?.array ?? []).map { $0["time"] }
        let last = times.compactMap { $0?.string }.max()
        if let last, let time = Timestamp(last) { desk.clock.set(time) }
    }
}
