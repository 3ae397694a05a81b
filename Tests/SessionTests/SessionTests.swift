import Glibc
import Kernel
import Testing

/// What people see, kept as files that somebody reads when it changes.
///
/// `RECONCILE_SESSIONS=renew swift test --filter SessionTests` writes what the built program says now into the files,
/// where it differs.
@Suite(.serialized)
struct SessionTests {
    private static let renews = getenv("RECONCILE_SESSIONS").map { String(cString: $0) } == "renew"

    @Test("By the built program", arguments: Session.names)
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

    @Test("In this process", arguments: Session.names)
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
