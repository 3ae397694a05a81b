import Glibc
import Kernel
import ProcessKit

/// The outside witness of attempts: each writes when it starts and ends, under a lock that says whether another attempt
/// of the same task still runs.
struct Witness: Sendable {
    private let directory: String

    struct Entry: Sendable, Hashable {
        let word: String
        let task: String
        let attempt: Int
        /// Seconds since boot.
        let time: Double
    }

    init(in directory: String) throws {
        self.directory = directory
        try Files.replace(script, Array(Self.text.utf8))
    }

    private var script: String { directory + "/witness.sh" }
    private var log: String { directory + "/witness.log" }

    /// A command, as YAML, that runs so long and is seen doing so; `last` is what the script does at the end.
    func command(_ seconds: Double, _ last: String = ":") -> String {
        "[sh, \(script), \"\(seconds)\", '\(last)']"
    }

    /// The same where the directory is mounted, and everybody may write to it. Where the image has no flock, as busybox
    /// often has none, starts and ends are told, and every start says that it overlaps.
    func command(_ seconds: Double, mountedAt place: String) throws -> String {
        guard chmod(directory, 0o777) == 0, chmod(script, 0o644) == 0 else { throw SystemError("chmod", directory) }
        return "[sh, \(place)/witness.sh, \"\(seconds)\", ':']"
    }

    /// The lock lasts as long as anything of the attempt lives: whatever it starts inherits it.
    private static let text = """
        here=${0%/*}
        name=${RECONCILE_TASK#"$RECONCILE_PLAN-"}
        say() {
            read -r now rest < /proc/uptime
            echo "$1 $name $RECONCILE_ATTEMPT $now" >> "$here/witness.log"
        }
        exec 9> "$here/$name.lock"
        flock -n 9 || say overlap
        say start
        sleep "$1"
        say end
        eval "$2"

        """

    var entries: [Entry] {
        let bytes = (try? Files.read(log, limit: 16 << 20)) ?? []
        return String(decoding: bytes, as: UTF8.self).split(separator: "\n").compactMap { line in
            let words = line.split(separator: " ")
            guard words.count == 4, let attempt = Int(words[2]), let time = Double(words[3]) else { return nil }
            return Entry(word: String(words[0]), task: String(words[1]), attempt: attempt, time: time)
        }
    }

    var overlaps: [Entry] { entries.filter { $0.word == "overlap" } }
    func starts(_ task: String) -> [Entry] { entries.filter { $0.word == "start" && $0.task == task } }
    var started: Set<String> { Set(entries.filter { $0.word == "start" }.map(\.task)) }

    func awaitStart(_ task: String, attempt: Int = 1, within limit: Duration = .seconds(30)) async throws -> Entry {
        var found: Entry?
        try await eventually("attempt \(attempt) of \(task) starts, seen: \(entries.map(\.word))", within: limit) {
            found = starts(task).first { $0.attempt == attempt }
            return found != nil
        }
        guard let found else { throw Unmet(task) }
        return found
    }
}

extension Witness {
    /// The clock of its entries.
    static var now: Double {
        let text = String(decoding: ((try? Files.read("/proc/uptime", limit: 256)) ?? nil) ?? [], as: UTF8.self)
        return text.split(separator: " ").first.flatMap { Double($0) } ?? 0
    }
}
