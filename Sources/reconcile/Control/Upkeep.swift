import Host
import Kernel
import Logging
import Model
import Ports
import SQLiteStorage
import Storage

/// What a controller does for itself as long as it runs: it sees whether its state is still its own, lets old history
/// go, and gives back memory that a flood left behind. At rest this writes nothing and costs next to nothing.
struct Upkeep: Sendable {
    let state: OpenState
    let logger: Logger

    private static let interval = Duration.seconds(5)
    /// Changes are kept for watches and for lists in parts, so long at the most.
    private static let historyAge = Duration.minutes(5)
    /// How exactly that is kept.
    private static let markInterval = Duration.seconds(30)
    /// Memory beyond what is in use that is worth giving back, and how often that is done at the most.
    private static let trimBytes = 2 << 20
    private static let trimInterval = Duration.seconds(20)
    /// So much is given back at the next look: what large objects leave while they are written again and again.
    private static let floodBytes = 32 << 20

    /// Until cancelled, or until the controller must not go on; then the reason.
    func run() async -> String? {
        // At most one for each mark interval of the history's age.
        var marks: [(at: Instant, version: UInt64)] = []
        var trimmed = state.clock.now.instant
        var left = 0
        var warned = 0.0
        var quotas = QuotaWatch(api: state.api, logger: logger)
        // try?: it ends when it is cancelled, and no other way.
        while (try? await Task.sleep(for: Self.interval, clock: .continuous)) != nil {
            guard state.directory.isInPlace else {
                return
                    "the state directory \(state.directory.path) was removed or moved away: what is decided from now on "
                    + "would be lost. Put it back, or start with another one (--state)"
            }
            warn(&warned)
            let now = state.clock.now.instant
            do throws(StoreError) { await quotas.look(try state.store.usage, now: state.clock.now.wall) } catch {
                logger.error("how full the store is can't be read", metadata: ["error": "\(error)"])
            }
            if marks.last.map({ now - $0.at >= Self.markInterval }) ?? true {
                forget(&marks, now)
            }
            let unused = Heap.unused - left
            guard unused > (now - trimmed >= Self.trimInterval ? Self.trimBytes : Self.floodBytes) else { continue }
            Heap.trim()
            trimmed = now
            left = Heap.unused
        }
        return nil
    }

    /// From these shares of a limit on it is said once, and again when it was below them meanwhile.
    private static let warnings = [0.95, 0.8]

    private func warn(_ warned: inout Double) {
        let fullness: StoreCore.Fullness
        // A closed store is full of nothing; that it is closed, others find out.
        do throws(StoreError) { fullness = try state.store.fullness } catch { return }
        let reached = Self.warnings.first { fullness.share >= $0 } ?? 0
        defer { warned = reached }
        guard reached > warned else { return }
        logger.warning(
            "the store is filling up: what would take more than its limit is refused",
            metadata: ["bytes": "\(fullness.bytes)", "limit": "\(fullness.limit)"])
    }

    private func forget(_ marks: inout [(at: Instant, version: UInt64)], _ now: Instant) {
        do throws(StoreError) {
            marks.append((now, try state.store.version))
            guard let last = marks.lastIndex(where: { now - $0.at >= Self.historyAge }) else { return }
            try state.store.forgetHistory(through: marks[last].version)
            marks.removeSubrange(...last)
        } catch {
            // A store that is closed has nothing to forget; that it is, others find out.
        }
    }
}
