package import Model

/// What an agent remembers across its restarts (S5): the highest epoch it has seen, and per task the highest fence it
/// has ever taken.
package struct AgentState: Structured, Hashable {
    package var epoch = 0
    /// How often the worker's agent has started.
    package var incarnation = 0
    /// The latest last.
    package var fences: [TaskFence] = []

    package init() {}

    /// Beyond it the oldest fences are forgotten; the gateway refuses their reports all the same.
    package static let limit = 2048

    func fence(of taskUID: String) -> Int { fences.first { $0.taskUID == taskUID }?.fence ?? 0 }

    /// Takes the fence, and forgets the oldest one beyond the limit; never one that is `kept`.
    mutating func remember(_ fence: TaskFence, keeping kept: (String) -> Bool) {
        fences.removeAll { $0.taskUID == fence.taskUID }
        fences.append(fence)
        guard fences.count > Self.limit, let oldest = fences.dropLast().firstIndex(where: { !kept($0.taskUID) }) else {
            return
        }
        fences.remove(at: oldest)
    }

    package static let shape = Shape<AgentState>(
        "What an agent remembers across its restarts.",
        .always("epoch", \.epoch, "The highest epoch it has seen.", .range(0...Int64.max)),
        .always("incarnation", \.incarnation, "How often it has started.", .range(0...Int64.max)),
        .list("fences", \.fences, "The highest fence per task.", .items(upTo: AgentState.limit)))
}

package struct TaskFence: Structured, Hashable {
    package var taskUID = ""
    package var fence = 0

    package init() {}
    package init(taskUID: String, fence: Int) {
        self.taskUID = taskUID
        self.fence = fence
    }

    package static let shape = Shape<TaskFence>(
        "The highest fence of a task.",
        .required("taskUID", \.taskUID, "The task.", .length(1...128)),
        .required("fence", \.fence, "The fence.", .range(0...Int64.max)))
}
