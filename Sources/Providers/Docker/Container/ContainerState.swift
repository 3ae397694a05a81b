import Model
import Ports
import Tree

/// A container as the engine describes it: `/containers/json` and `/containers/NAME/json` in one.
struct ContainerState: Sendable, Hashable {
    enum Standing: Sendable, Hashable {
        /// Never started: what is left of a create that was interrupted.
        case created
        case running
        case removing
        case ended(code: Int?)
    }

    let id: String
    let standing: Standing
    /// Nil: none of our workers.
    let labels: WorkerLabels?
    let role: String?
    /// Of the controller that made it.
    let epoch: UInt64?
    /// Where that listens, or listened.
    let gateway: String?
    let address: String?
    let createdAt: Timestamp?
    let endedAt: Timestamp?
    let isOutOfMemory: Bool
    /// Why it could not be started.
    let problem: String?

    /// From `/containers/NAME/json`; nil where that is not what it is.
    init?(inspected tree: Tree) {
        guard let id = tree["Id"]?.string, let state = tree["State"], let word = state["Status"]?.string else {
            return nil
        }
        self.id = id
        standing = Self.standing(word, code: state["ExitCode"]?.int.map { Int($0) })
        let tags = tree["Config"]?["Labels"]
        labels = WorkerLabels(tags)
        role = tags?[WorkerLabels.role]?.string
        epoch = tags?[WorkerLabels.epoch]?.string.flatMap { UInt64($0) }
        gateway = tags?[WorkerLabels.gateway]?.string
        address = Self.address(tree["NetworkSettings"])
        createdAt = tree["Created"]?.string.flatMap(Timestamp.init)
        endedAt = state["FinishedAt"]?.string.flatMap(Timestamp.init)
        isOutOfMemory = state["OOMKilled"]?.bool ?? false
        problem = state["Error"]?.string.flatMap { $0.isEmpty ? nil : $0 }
    }

    /// From an item of `/containers/json`, which says neither how it ended nor why.
    init?(listed tree: Tree) {
        guard let id = tree["Id"]?.string, let word = tree["State"]?.string else { return nil }
        self.id = id
        standing = Self.standing(word, code: nil)
        labels = WorkerLabels(tree["Labels"])
        role = tree["Labels"]?[WorkerLabels.role]?.string
        epoch = tree["Labels"]?[WorkerLabels.epoch]?.string.flatMap { UInt64($0) }
        gateway = tree["Labels"]?[WorkerLabels.gateway]?.string
        address = Self.address(tree["NetworkSettings"])
        createdAt = tree["Created"]?.int.map { Timestamp(milliseconds: $0 * 1000) }
        endedAt = nil
        isOutOfMemory = false
        problem = nil
    }

    private static func standing(_ word: String, code: Int?) -> Standing {
        switch word {
        case "created": .created
        case "removing": .removing
        case "exited", "dead": .ended(code: code)
        // One that is paused lives, and is heard of no more: its lease tells.
        default: .running
        }
    }

    private static func address(_ settings: Tree?) -> String? {
        settings?["Networks"]?.object?.lazy.compactMap { $0.value["IPAddress"]?.string }.first { !$0.isEmpty }
    }

    /// `isReleased`: its end was asked for.
    func observation(_ labels: WorkerLabels, isReleased: Bool) -> Observation {
        let state: Observation.State =
            switch standing {
            case .created: .starting
            case .running: isReleased ? .stopping : .running
            case .removing: .stopping
            // As shells say it: 128 and the signal.
            case .ended(let code?) where code > 128 && code < 160: .exited(code: code, signal: code - 128)
            case .ended(let code): .exited(code: code, signal: nil)
            }
        var seen = Observation(
            workerUID: labels.workerUID, clusterID: labels.clusterID, slot: labels.slot, attempt: labels.attempt,
            state: state, providerID: "docker:\(id)", address: address, createdAt: createdAt)
        if case .ended = standing { seen.lastSeen = endedAt }
        if isOutOfMemory {
            seen.explanation = "the engine ended it for using more than its memory; give the pool more resources.memory"
        } else {
            seen.explanation = problem
        }
        return seen
    }
}
