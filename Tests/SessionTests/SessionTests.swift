import Glibc
import Kernel
import Testing

/// What people see, kept as files that somebody reads when it changes.
///
/// `RECONCILE_SESSIONS=renew swift test --filter SessionTests` writes what the built program says now into the files,
/// where it differs; `RECONCILE_SESSION=tour` plays that one alone.
@Suite(.serialized)
struct SessionTests {
    private static let renews = getenv("RECONCILE_SESSIONS").map { String(cString: $0) } == "renew"
    private static let only = getenv("RECONCILE_SESSION").map { String(cString: $0) }
    private static var played: [String] { Session.names.filter { only == nil || only == $0 } }

    @Test("By the built program", arguments: played)
    func program(name: String) async throws {
        var session = try Session(name)
        // One that was only just written has nothing to be compared with yet: renewing writes it down.
        guard session.isRecorded || Self.renews else { return }
        let stage = try Stage()
        let isRenewed: Bool
        do { isRenewed = try await play(&session, on: stage, BuiltProgram.run) } catch {
            // What it started must not outlive it, however it ended.
            try await BuiltProgram.clear(stage)
            throw error
        }
        try await BuiltProgram.clear(stage)
        if isRenewed { try Files.replace(session.path, Array(session.text.utf8)) }
    }

    @Test("In this process", arguments: played)
    func inProcess(name: String) async throws {
        var session = try Session(name)
        guard session.isSmall, session.isRecorded, !Self.renews else { return }
        _ = try await play(&session, on: try Stage(), InProcess.run)
    }

    private typealias Player = (String, Stage) async throws -> (output: String, errors: String, code: Int32)

    /// True where the session says something else now.
    private func play(_ session: inout Session, on stage: Stage, _ run: Player) async throws -> Bool {
        var isRenewed = false
        let normaliser = stage.normaliser(session)
        for (index, step) in session.steps.enumerated() {
            switch step {
            case .remark: break
            case .file(let name, let text): try stage.write(name, text)
            case .setting(let words): try await stage.set(words)
            case .command(var command):
                let said = try await run(command.line.replacing("EXAMPLES", with: Session.examples), stage)
                let transcript = Transcript(
                    output: normaliser.lines(of: said.output), errors: normaliser.lines(of: said.errors),
                    code: said.code)
                guard !transcript.matches(command.expected) else { continue }
                if Self.renews {
                    command.expected = transcript.lines
                    session.steps[index] = .command(command)
                    isRenewed = true
                } else {
                    let difference = transcript.difference(from: command.expected)
                    Issue.record("\(session.path)\n$ \(command.line)\n\(difference)")
                }
            }
        }
        return isRenewed
    }

    /// A change of README's tour is a change of the session, and the other way round.
    @Test func readmesTourIsPlayed() throws {
        let root = Session.directory.split(separator: "/", omittingEmptySubsequences: false).dropLast(2)
        let bytes = try #require(try Files.read(root.joined(separator: "/") + "/README.md", limit: 4 << 20))
        let readme = String(decoding: bytes, as: UTF8.self)
        let start = try #require(readme.firstRange(of: "\n## A tour\n")).upperBound
        let tour = readme[start...].prefix(
            upTo: readme[start...].firstRange(of: "\n## ")?.lowerBound ?? readme.endIndex)
        let typed = tour.split(separator: "\n").filter { $0.hasPrefix("    ") }.map { String($0.dropFirst(4)) }
        let played = try Session("tour").steps.compactMap { step -> String? in
            guard case .command(let command) = step else { return nil }
            return command.line.replacing("EXAMPLES", with: "manifests/examples").replacing("[r]", with: "r")
        }
        var rest = played[...]
        for line in typed {
            let place = rest.firstIndex { $0.contains(line) }
            #expect(place != nil, "not in the session, or not in that order: \(line)")
            if let place { rest = rest[place...] }
        }
        #expect(typed.count > 12)
    }

    @Test("There are sessions, and each is as the writer would write it")
    func wellFormed() throws {
        #expect(Session.names.count >= 40)
        for name in Session.names {
            let session = try Session(name)
            guard session.isRecorded else { continue }
            let bytes = try Files.read(session.path, limit: 1 << 20) ?? []
            #expect(String(decoding: bytes, as: UTF8.self) == session.text, "\(name)")
        }
    }
}
