import CLinux
import Commands
import Glibc
import Host
import Kernel
import ProcessKit
import Synchronization
import Testing

@testable import reconcile

/// The commands of a session in this process: the production runtime over a state on disk.
enum InProcess {
    private static let runtime = Result { LocalRuntime(signals: try Interruption()) }

    static func run(_ line: String, on stage: Stage) async throws -> (output: String, errors: String, code: Int32) {
        var words = Array(Stage.words(line).dropFirst())
        // A file of the session is named as if this process were in its directory.
        words = words.map { Files.exists("\(stage.files)/\($0)") && !$0.isEmpty ? "\(stage.files)/\($0)" : $0 }
        if let last = words.last, !["--help", "-h", "--version"].contains(last), !words.contains("--state"),
            words.first.map({ !$0.hasPrefix("-") || $0 == "--once" }) ?? false
        {
            words.insert(contentsOf: ["--state", stage.state], at: 1)
        }
        let output = Page(columns: stage.columns)
        let errors = Page(columns: nil)
        let console = Console(
            output: output, errors: errors, environment: ["NO_COLOR": "1"], clock: SystemClock(),
            version: Release.version, input: { _ throws(CommandError) in [] })
        let code = await Program(runtime: try runtime.get(), console: console).run(words)
        return (output.text, errors.text, code)
    }
}

/// A stream that remembers what was written to it.
final class Page: TextSink {
    private let written = Mutex("")
    let isTerminal: Bool
    let width: Int
    let height = 50

    init(columns: Int?) {
        isTerminal = columns != nil
        width = columns ?? 100
    }

    func writeVerbatim(_ text: String) { written.withLock { $0 += text } }
    var text: String { written.withLock { $0 } }
}

/// The commands of a session by the built program; what is not a command of it by a shell.
enum BuiltProgram {
    static let path: String = {
        if let given = getenv("RECONCILE_BINARY") { return String(cString: given) }
        let fixture = Processes.fixture
        return fixture.dropLast(fixture.split(separator: "/").last?.count ?? 0) + "reconcile"
    }()

    private static let limit = Duration.seconds(300)

    static func run(_ line: String, on stage: Stage) async throws -> (output: String, errors: String, code: Int32) {
        let words = Stage.words(line)
        let isOurs = words.first == "reconcile" && !line.contains { "|;&><`".contains($0) }
        var spawn = SpawnRequest(
            isOurs ? [path] + words.dropFirst() : ["/bin/sh", "-c", line],
            environment: [
                "PATH=\(stage.scratch.path)/bin:/usr/local/bin:/usr/bin:/bin", "LANG=C.UTF-8", "NO_COLOR=1",
                "TERM=xterm", "HOME=\(stage.scratch.path)/home", "RECONCILE_STATE=\(stage.state)",
            ])
        try Files.makeDirectories("\(stage.scratch.path)/bin")
        try Files.makeDirectories("\(stage.scratch.path)/home")
        if !Files.exists("\(stage.scratch.path)/bin/reconcile") {
            _ = symlink(path, "\(stage.scratch.path)/bin/reconcile")
        }
        spawn.workingDirectory = stage.files
        let errors = stage.scratch.path + "/errors"
        let errorFile = try Descriptor.open(errors, [.write, .create, .truncate])
        let screen = try Screen(columns: stage.columns)
        spawn.descriptors = [nil, screen.end, errorFile]
        let pid = try spawn.spawn()
        // The request holds the program's end too: while anybody here does, its output has no end.
        spawn.descriptors = []
        screen.letGo()
        let output = try await screen.read(until: limit, of: pid)
        let code = try await end(of: pid)
        let said = try Files.read(errors, limit: 16 << 20) ?? []
        return (output, String(decoding: said, as: UTF8.self), code)
    }

    private static func end(of pid: Int32) async throws -> Int32 {
        var status: Kernel.ExitStatus?
        try await eventually("the command has ended", within: limit) {
            status = try Children.take(pid)
            return status != nil
        }
        return Int32(status?.code ?? -(status?.signal ?? 1))
    }

    /// Ends what a session may have left.
    static func clear(_ stage: Stage) async throws {
        _ = try await run("reconcile serve --stop", on: stage)
        for entry in ProcessTable.entries() where !entry.isDead && entry.pid != getpid() {
            if let here = try? Files.target(of: "/proc/\(entry.pid)/cwd"), here.hasPrefix(stage.state) {
                kill(entry.pid, SIGKILL)
            }
        }
    }
}

/// Where the program's output goes: a pipe, or a terminal of some width.
final class Screen {
    private let source: Descriptor
    private(set) var end: Descriptor?

    init(columns: Int?) throws {
        guard let columns else {
            let pipe = try Descriptor.pipe()
            (source, end) = (pipe.read, pipe.write)
            return
        }
        let master = try Descriptor.open("/dev/ptmx", .both)
        source = master
        var unlock: Int32 = 0
        var number: UInt32 = 0
        // TIOCSPTLCK and TIOCGPTN, pty(7).
        guard ioctl(master.raw, 0x4004_5431, &unlock) == 0, ioctl(master.raw, 0x8004_5430, &number) == 0 else {
            throw SystemError("ioctl", "/dev/ptmx")
        }
        var size = winsize()
        (size.ws_row, size.ws_col) = (50, UInt16(columns))
        let terminal = try Descriptor.open("/dev/pts/\(number)", .both)
        guard ioctl(terminal.raw, UInt(TIOCSWINSZ), &size) == 0 else { throw SystemError("ioctl") }
        end = terminal
    }

    /// The end that the program has: with it gone here, its end is the end of the output.
    func letGo() { end = nil }

    func read(until limit: Duration, of pid: Int32) async throws -> String {
        try source.setNonBlocking()
        var bytes: [UInt8] = []
        try await eventually("the output has ended", within: limit) {
            while true {
                switch try next() {
                case .bytes(let piece): bytes += piece
                case .nothing: return false
                case .end: return true
                }
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// A terminal that nobody holds any more answers with an error of its own.
    private func next() throws(SystemError) -> Descriptor.Input {
        do throws(SystemError) { return try source.read(upTo: 64 << 10) } catch {
            guard error.code == EIO else { throw error }
            return .end
        }
    }
}
