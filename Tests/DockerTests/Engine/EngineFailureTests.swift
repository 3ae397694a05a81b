import HTTP
import Ports
import Testing
import Tree

@testable import Docker

struct EngineFailureTests {
    struct Row: Sendable, CustomStringConvertible {
        let status: Int
        let body: String
        let code: ProviderError.Code
        let says: String
        var description: String { "\(status) \(body.prefix(60))" }
    }

    static func message(_ text: String) -> String { #"{"message":"\#(text)"}"# }

    static let rows = [
        Row(status: 400, body: message("invalid memory"), code: .invalid, says: "invalid memory"),
        Row(
            status: 400, body: message("client version 1.47 is too new. Maximum supported API version is 1.41"),
            code: .unavailable, says: "too new"),
        Row(
            status: 400, body: message("client version 1.41 is too old. Minimum supported API version is 1.44"),
            code: .unavailable, says: "too old"),
        Row(
            status: 400,
            body: message("OCI runtime create failed: exec: \\\"/x\\\": executable file not found in $PATH"),
            code: .invalid, says: "executable file not found"),
        Row(status: 401, body: message("authorization denied"), code: .unauthorised, says: "allow this user"),
        Row(status: 403, body: message("denied by plugin"), code: .unauthorised, says: "denied by plugin"),
        Row(status: 404, body: message("No such container: x"), code: .notFound, says: "No such container"),
        Row(status: 409, body: message("Conflict. The container name is in use"), code: .conflict, says: "in use"),
        Row(status: 429, body: message("slow down"), code: .throttled, says: "slow down"),
        Row(
            status: 500, body: message("write /x: no space left on device"), code: .capacity,
            says: "docker system prune"),
        Row(status: 500, body: message("fork/exec: cannot allocate memory"), code: .capacity, says: "make room"),
        Row(
            status: 500, body: message("OCI runtime create failed: exec format error"), code: .invalid,
            says: "for the engine's architecture"),
        Row(status: 500, body: message("driver failed"), code: .unavailable, says: "driver failed"),
        Row(status: 500, body: "<html><body>oops</body></html>", code: .unavailable, says: "is that a Docker engine?"),
        Row(status: 404, body: "<html>not here</html>", code: .unavailable, says: "is that a Docker engine?"),
        Row(status: 503, body: "", code: .unavailable, says: "503"),
        Row(status: 500, body: #"{"message":"cut of"#, code: .unavailable, says: "is that a Docker engine?"),
        Row(status: 302, body: "", code: .unavailable, says: "302"),
        Row(status: 500, body: message(String(repeating: "x", count: 10_000)), code: .unavailable, says: "x…"),
    ]

    @Test(arguments: rows)
    func means(_ row: Row) {
        let failure = EngineFailure(.inspect("n"), status: row.status, body: Array(row.body.utf8))
        #expect(failure.error.code == row.code)
        #expect(failure.status == row.status)
        #expect(failure.error.message.contains(row.says), "\(failure.error.message)")
        #expect(failure.error.message.contains("look at container n"), "it says what was asked")
        #expect(failure.error.message.count < 1000)
    }

    static let here = EngineAddress("unix:///nowhere.sock")

    @Test("Without an answer it counts whether the engine may have acted")
    func unanswered() throws {
        let address = try #require(Self.here)
        let lost = HTTPError(.connectionLost, "cut off", mayHaveBeenApplied: true)
        #expect(EngineFailure(.start("c"), lost, address: address, setting: "x").error.code == .unknownOutcome)
        #expect(EngineFailure(.inspect("c"), lost, address: address, setting: "x").error.code == .unavailable)
        let refused = EngineFailure(
            .start("c"), HTTPError(.couldNotConnect, "refused"), address: address, setting: "spec.provider.docker.host")
        #expect(refused.error.code == .unavailable)
        #expect(refused.error.message.contains("unix:///nowhere.sock") && refused.error.message.contains("start it"))
        let unsent = HTTPError(.timeout, "not sent")
        #expect(EngineFailure(.start("c"), unsent, address: address, setting: "x").error.code == .unavailable)
        let cancelled = HTTPError(.cancelled, "cancelled")
        #expect(EngineFailure(.start("c"), cancelled, address: address, setting: "x").error.code == .unknownOutcome)
    }

    @Test("A success that can't be read was applied")
    func unreadable() {
        #expect(EngineFailure.unreadable(.create("n", [:]), "cut").error.code == .unknownOutcome)
        #expect(EngineFailure.unreadable(.list(cluster: "c"), "cut").error.code == .unavailable)
    }
}
