import Client
import HTTP
import Testing

@testable import Commands

/// The verbs against a server that lies on a real socket: at every byte of the head, of the framing and of the body,
/// and in ways that HTTP itself does not allow. None of them says yes, nothing, or no difference.
@Suite(.serialized) struct LyingSocketTests {
    static let verbs: [[String]] = [
        ["delete", "xtask/shop-cart", "-n", "shop"], ["get", "xtask", "-n", "shop"],
        ["get", "xtask/shop-cart", "-n", "shop"], ["diff", "-f", "$DIR/a.yaml"], ["events", "-n", "shop"],
        ["logs", "xplan/shop", "-n", "shop"],
        ["wait", "xtask/shop-cart", "-n", "shop", "--for=delete", "--timeout", "1s"],
        ["apply", "-f", "$DIR/a.yaml", "--dry-run"], ["describe", "xplan", "shop", "-n", "shop"],
    ]

    private func desk() async throws -> (desk: Desk, liar: LyingSocket) {
        let desk = try Desk()
        try await desk.store(Shop.state)
        try desk.write("a.yaml", Desk.hello)
        let liar = try LyingSocket(LyingTransport(desk.runtime.server), in: desk.directory)
        desk.runtime.answering = RemoteClient(socket: liar.path, http: HTTPClient())
        return (desk, liar)
    }

    private static func isYes(_ verb: [String], _ code: Int32) -> Bool { code == 0 || verb[0] == "diff" && code == 1 }

    /// Cut after each byte of the head and of the framing, and after some of the body; what is whole is the truth.
    @Test(arguments: verbs)
    func cutAnywhere(_ verb: [String]) async throws {
        let (desk, liar) = try await desk()
        defer { liar.close() }
        // What waits takes its second each time.
        for part in stride(from: 0, to: 120, by: verb[0] == "wait" ? 11 : 1) {
            liar.tell { honest in
                let head = honest.firstRange(of: Array("\r\n\r\n".utf8))?.upperBound ?? 0
                // The first bytes one by one, then steps through all of it, at last all but one.
                let cut = part < 60 ? head * part / 60 : head + (honest.count - 1 - head) * (part - 60) / 59
                return Array(honest.prefix(min(cut, honest.count - 1)))
            }
            let answer = await desk.run(verb)
            #expect(!Self.isYes(verb, answer.code), "\(verb.joined(separator: " ")), cut at \(part): \(answer.out)")
        }
    }

    /// Each byte of the head another one: an error, or what the honest answer comes to.
    @Test(arguments: verbs.filter { !["delete", "wait"].contains($0[0]) })
    func anyByteOfTheHead(_ verb: [String]) async throws {
        let (desk, liar) = try await desk()
        defer { liar.close() }
        let honest = await desk.run(verb)
        for index in 0..<110 {
            liar.tell { honest in
                var told = honest
                let head = honest.firstRange(of: Array("\r\n\r\n".utf8))?.upperBound ?? 0
                if index < head { told[index] ^= index.isMultiple(of: 2) ? 1 : 0x20 }
                return told
            }
            let answer = await desk.run(verb)
            #expect(
                !Self.isYes(verb, answer.code) || (answer.code, answer.out) == (honest.code, honest.out),
                "\(verb.joined(separator: " ")), byte \(index): \(answer.out)")
        }
    }

    static let lies: [(name: String, lie: LyingSocket.Lie)] = [
        ("nothing at all", { _ in [] }),
        ("no head", { Array($0.drop { $0 != 0x7B }) }),
        ("HTTP/0.9", { _ in Array("<html>hello</html>".utf8) }),
        ("another protocol", { _ in Array("SSH-2.0-OpenSSH_9.2p1\r\n".utf8) }),
        ("a head without an end", { _ in Array("HTTP/1.1 200 OK\r\n".utf8) + Array(repeating: 0x61, count: 150_000) }),
        (
            "100 Continue for ever",
            { _ in Array(repeatElement("HTTP/1.1 100 Continue\r\n\r\n", count: 2_000).joined().utf8) }
        ),
        ("a length below nothing", { replaced($0, "Content-Length: ", "Content-Length: -") }),
        ("a length too small", { replaced($0, "Content-Length: ", "Content-Length: 0000\r\nX-Length: ") }),
        ("chunks of no number", { chunked($0, "zz\r\n") }),
        ("a chunk beyond counting", { chunked($0, "ffffffffffffffffff\r\n") }),
        ("a chunk below nothing", { chunked($0, "-1\r\n") }),
        ("chunks that end at once", { chunked($0, "0\r\n\r\n") }),
        ("no framing, cut", { unframed($0, cut: true) }),
        ("packed", { replaced($0, "Content-Type: ", "Content-Encoding: gzip\r\nContent-Type: ") }),
        ("a zero in the head", { replaced($0, "Content-Type: ", "X: \0\r\nContent-Type: text/html\r\nX-Type: ") }),
        ("302", { replaced($0, "HTTP/1.1 ", "HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nX: ") }),
        ("status 0", { replaced($0, "HTTP/1.1 2", "HTTP/1.1 0") }),
        ("status 2000", { replaced($0, "HTTP/1.1 200", "HTTP/1.1 2000") }),
        ("204", { replaced($0, "HTTP/1.1 200", "HTTP/1.1 204") }),
    ]

    @Test(arguments: verbs)
    func whatHTTPDoesNotAllow(_ verb: [String]) async throws {
        let (desk, liar) = try await desk()
        defer { liar.close() }
        for (name, lie) in Self.lies {
            liar.tell { honest in
                let told = lie(honest)
                // Where there is nothing to change, the lie is silence.
                return told == honest ? [] : told
            }
            let answer = await desk.run(verb)
            #expect(!Self.isYes(verb, answer.code), "\(verb.joined(separator: " ")), told \(name): \(answer.out)")
            #expect(answer.err.contains("error: "), "\(verb.joined(separator: " ")), told \(name): \(answer.err)")
        }
    }

    private static func replaced(_ honest: [UInt8], _ old: String, _ new: String) -> [UInt8] {
        guard let range = honest.firstRange(of: Array(old.utf8)) else { return honest }
        return honest[..<range.lowerBound] + Array(new.utf8) + honest[range.upperBound...]
    }

    private static func body(_ honest: [UInt8]) -> [UInt8] {
        guard let range = honest.firstRange(of: Array("\r\n\r\n".utf8)) else { return [] }
        return Array(honest[range.upperBound...])
    }

    private static func chunked(_ honest: [UInt8], _ size: String) -> [UInt8] {
        Array("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n\(size)".utf8)
            + body(honest)
    }

    /// Its end is the connection's; of a log nothing else would tell that it was cut.
    private static func unframed(_ honest: [UInt8], cut: Bool) -> [UInt8] {
        let text = body(honest)
        return Array("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n".utf8)
            + (cut ? Array(text.dropLast(max(1, text.count / 2))) : text)
    }
}
