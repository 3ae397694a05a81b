import Client
import Documents
import Tree

/// What a watch of tasks says, one change after another.
struct TaskWatch {
    struct Change {
        let plan: String
        let phase: String
        let isGone: Bool
    }

    private let stream: APIByteStream
    private var pending: [UInt8] = []

    init(_ stream: APIByteStream) { self.stream = stream }

    func close() { stream.close() }

    mutating func next() async throws -> Change {
        while true {
            if let end = pending.firstIndex(of: UInt8(ascii: "\n")) {
                let tree = try JSON.parse(Array(pending[..<end]), limits: .answer)
                pending.removeSubrange(...end)
                guard let object = tree["object"], let plan = object["spec"]?["plan"]?.string else { continue }
                return Change(
                    plan: plan, phase: object["status"]?["phase"]?.string ?? "",
                    isGone: tree["type"]?.string == "DELETED")
            }
            guard let piece = try await stream.next() else { throw Unmeasurable("the watch of tasks ended") }
            pending += piece
        }
    }
}
