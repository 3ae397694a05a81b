import Glibc
import Kernel
import ProcessKit
import Synchronization

/// The program under test: `$RECONCILE_BINARY`, else what the build put beside the test program.
enum Binary {
    static let path: String = {
        if let given = getenv("RECONCILE_BINARY") { return String(cString: given) }
        let fixture = Processes.fixture
        return fixture.dropLast(fixture.split(separator: "/").last?.count ?? 0) + "reconcile"
    }()
}

/// Starts the program with an environment of its own, its output in files, and reaps it.
final class Launcher: Sendable {
    private let directory: String
    private let state = Mutex((last: 0, living: Set<Int32>()))

    /// Every directory that the program may take for its own is below `directory`.
    init(_ directory: String) { self.directory = directory }

    struct Started: Sendable {
        let pid: Int32
        let outputFile: String
        let errorsFile: String

        var output: String { Launcher.text(outputFile) }
        var errors: String { Launcher.text(errorsFile) }
    }

    func start(_ words: [String], extra: [String] = []) throws -> Started {
        let number = state.withLock { state in
            state.last += 1
            return state.last
        }
        let base = "\(directory)/runs/\(number)"
        try Files.makeDirectories("\(directory)/runs")
        for name in ["home", "tmp", "here"] { try Files.makeDirectories("\(directory)/\(name)") }
        var spawn = SpawnRequest(
            [Binary.path] + words,
            environment: [
                "PATH=/usr/local/bin:/usr/bin:/bin", "LANG=C.UTF-8", "HOME=\(directory)/home",
                "TMPDIR=\(directory)/tmp",
            ] + extra)
        spawn.workingDirectory = "\(directory)/here"
        spawn.descriptors = [
            nil, try Descriptor.open(base + ".out", [.write, .create]),
            try Descriptor.open(base + ".err", [.write, .create]),
        ]
        let pid = try spawn.spawn()
        state.withLock { _ = $0.living.insert(pid) }
        return Started(pid: pid, outputFile: base + ".out", errorsFile: base + ".err")
    }

    /// Minus the signal where one ended it; what takes longer is killed, and the test fails.
    func end(of started: Started, within limit: Duration) async throws -> Int {
        let deadline = ContinuousClock.now + limit
        while true {
            if let status = try Children.take(started.pid) {
                state.withLock { _ = $0.living.remove(started.pid) }
                return status.code ?? -(status.signal ?? 0)
            }
            guard ContinuousClock.now < deadline else {
                kill(started.pid, SIGKILL)
                throw Unmet("not ended within \(limit): \(started.output)\(started.errors)")
            }
            try await Task.sleep(for: .milliseconds(10))
        }
    }

    /// Ends what still runs; for the end of a test.
    func endAll() {
        for pid in state.withLock({ $0.living }) {
            kill(pid, SIGKILL)
            _ = try? Children.wait(pid)
        }
    }

    private static func text(_ file: String) -> String {
        String(decoding: (try? Files.read(file, limit: 64 << 20)) ?? [], as: UTF8.self)
    }
}
