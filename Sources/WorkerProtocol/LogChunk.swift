package import Model

/// A piece of an attempt's log. Its offset makes it repeatable.
package struct LogChunk: Structured, Hashable {
    package var workerUID = ""
    package var taskUID = ""
    package var attempt = 0
    /// Where in the log the bytes begin.
    package var offset = 0
    package var data = Base64Bytes()

    package init() {}
    package init(workerUID: String, taskUID: String, attempt: Int, offset: Int, bytes: [UInt8]) {
        self.workerUID = workerUID
        self.taskUID = taskUID
        self.attempt = attempt
        self.offset = offset
        data = Base64Bytes(bytes)
    }

    package var bytes: [UInt8] { data.bytes }

    /// Where logs lie in the blob store; everything of a task is under its UID.
    package static func blobName(taskUID: String, attempt: Int) -> String { "tasks/\(taskUID)/\(attempt).log" }
    package var blobName: String { Self.blobName(taskUID: taskUID, attempt: attempt) }

    package static let shape = Shape<LogChunk>(
        "A piece of an attempt's log.",
        .required("workerUID", \.workerUID, "The worker.", .length(1...128), .rule(.plain)),
        .required("taskUID", \.taskUID, "The task.", .length(1...128), .rule(.plain)),
        .required("attempt", \.attempt, "The attempt.", .range(1...Int64.max)),
        .required("offset", \.offset, "Where the bytes begin.", .range(0...Int64(WireLimits.log))),
        .required("data", \.data, "The bytes."))
}

/// How much of the log is kept now: the next chunk begins there, wherever this one did.
package struct LogReply: Structured, Hashable {
    package var next = 0

    package init() {}
    package init(next: Int) { self.next = next }

    package static let shape = Shape<LogReply>(
        "How much of the log is kept now.",
        .required("next", \.next, "Where the next chunk begins.", .range(0...Int64.max)))
}
