import Commands
import Documents
import Host
import Kernel
import Model
import Tree

/// What a controller leaves in its state about itself, for those who come when it is no longer there: who it was, how
/// it was started, and, by the file's own time, when it was last alive.
struct ControllerRecord: Sendable {
    var processID: Int
    /// The options it was started with, without the state.
    var options: [String]
    /// Whether it kept no worker that no task needed, as `--once` does.
    var isOnDemand = false
    /// Nil: it runs, or was killed.
    var endedAt: Timestamp?

    /// A controller says that it lives this often: so far a killed one may have lived on after its last word.
    static let interval = Duration.seconds(10)

    private static func file(_ state: String) -> String { state + "/controller.json" }

    func write(in state: String) {
        var tree: Tree = [
            "processID": .int(Int64(processID)), "options": .array(options.map { .string($0) }),
            "onDemand": .bool(isOnDemand),
        ]
        tree["endedAt"] = endedAt.map { .string($0.description) }
        // A courtesy to those who look: what can't be written here is said where it matters.
        do { try Files.replace(Self.file(state), JSON.encode(tree)) } catch {}
    }

    static func read(in state: String) -> ControllerRecord? {
        // try?: what can't be read is no record; the lock says whether somebody runs.
        guard let bytes = (try? Files.read(file(state), limit: 64 << 10)) ?? nil, let tree = try? JSON.parse(bytes),
            let process = tree["processID"]?.int, let options = tree["options"]?.array
        else { return nil }
        return ControllerRecord(
            processID: Int(process), options: options.compactMap(\.string),
            isOnDemand: tree["onDemand"]?.bool ?? false,
            endedAt: tree["endedAt"]?.string.flatMap { Timestamp($0) })
    }

    /// When the last controller of the state was last alive; nil where none ever was.
    static func lastAlive(in state: String) -> Timestamp? {
        guard let record = read(in: state) else { return nil }
        return record.endedAt ?? Files.modified(file(state)).map { Timestamp(milliseconds: Int64($0) * 1000) }
    }

    /// Says again and again that this controller lives, until cancelled; then when it ended.
    static func keep(_ record: ControllerRecord, in state: String, clock: SystemClock) async {
        record.write(in: state)
        while !Task.isCancelled {
            await clock.sleep(until: clock.now.instant + interval)
            if !Task.isCancelled { do { try Files.touch(file(state)) } catch {} }
        }
        var ended = record
        ended.endedAt = clock.now.wall
        ended.write(in: state)
    }

    /// The process that holds the state's lock; nil where none does.
    static func holder(of state: String) -> Int32? {
        // try?: no state, or none of ours: nobody holds it, and opening it says why not.
        guard (try? FileLock.isHeld("\(state)/lock")) == true,
            // try?: it was just let go.
            let bytes = (try? Files.read("\(state)/lock", limit: 64)) ?? nil
        else { return nil }
        return Int32(String(decoding: bytes.prefix { $0 != 0x0A }, as: UTF8.self))
    }
}
