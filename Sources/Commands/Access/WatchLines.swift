import Client
import Documents
import Model
import Text
import Tree

/// The events of one watch, out of its lines of JSON. A line may arrive in any number of pieces.
struct WatchLines: Sendable {
    enum Event: Sendable {
        /// Added or modified.
        case changed(Tree)
        case removed(Tree)
        /// Everything up to this version was seen.
        case bookmark(String)
        /// The version asked for is no longer known: list again.
        case expired
    }

    /// A line longer than any object may be ends the watch.
    private static let longestLine = 16 << 20

    private let stream: APIByteStream
    private let kind: Kind
    private let namespace: String?
    private var pending: [UInt8] = []
    private var searched = 0

    init(_ stream: APIByteStream, of kind: Kind, in namespace: String?) {
        self.stream = stream
        self.kind = kind
        self.namespace = namespace
    }

    func close() { stream.close() }

    /// Nil at the end of the stream: watch again from the last version.
    mutating func next() async throws(ClientError) -> Event? {
        while true {
            if let line = takeLine() {
                if let event = try decode(line) { return event }
                continue
            }
            guard pending.count <= Self.longestLine else {
                throw ClientError(status: 0, reason: "BadWatch", message: "the server sent a line of more than 16 MiB")
            }
            guard let piece = try await stream.next() else {
                guard pending.isEmpty else {
                    throw ClientError(status: 0, reason: "BadWatch", message: "the watch ended within a line")
                }
                return nil
            }
            pending += piece
        }
    }

    private mutating func takeLine() -> [UInt8]? {
        guard let end = pending[searched...].firstIndex(of: UInt8(ascii: "\n")) else {
            searched = pending.count
            return nil
        }
        let line = Array(pending[..<end])
        pending.removeSubrange(...end)
        searched = 0
        return line
    }

    private func decode(_ line: [UInt8]) throws(ClientError) -> Event? {
        guard !line.isEmpty else { return nil }
        let tree: Tree
        do throws(DocumentError) { tree = try JSON.parse(line, limits: .answer) } catch {
            throw ClientError(
                status: 200, reason: "BadWatch",
                message: "the server's watch can't be read: \(error.message)")
        }
        let object = tree["object"] ?? .emptyObject
        switch tree["type"]?.string {
        case "ADDED", "MODIFIED": return .changed(try Belief.member(object, kind, in: namespace))
        case "DELETED": return .removed(try Belief.member(object, kind, in: namespace))
        case "BOOKMARK":
            guard object["kind"]?.string == kind.rawValue, object["apiVersion"]?.string == kind.apiVersion,
                let version = object["metadata"]?["resourceVersion"]?.string, !version.isEmpty
            else { break }
            return .bookmark(version)
        case "ERROR":
            let code = object["code"]?.int ?? 0
            if code == 410 { return .expired }
            guard code >= 400, object["kind"] == "Status" else { break }
            throw ClientError(status: Int(code), object)
        default: break
        }
        throw ClientError(
            status: 200, reason: "BadWatch",
            message:
                "the server's watch of \(kind.plural) has a line that is none: \(String(decoding: line.prefix(120), as: UTF8.self))"
        )
    }
}
