import Glibc
import Kernel
import ProcessKit
import Testing

/// The program itself, at a state whose socket somebody else listens on: whatever that one answers, no verb succeeds.
@Suite(.crowd)
struct LyingControllerTests {
    static let verbs: [[String]] = [
        ["delete", "xtask/shop-cart"], ["get", "xtask"], ["get", "xplan/shop", "-o", "json"], ["diff", "-f", "$FILE"],
        ["events"], ["logs", "xplan/shop"], ["plan", "-f", "$FILE"], ["plan", "-f", "$FILE", "--all"],
        ["apply", "-f", "$FILE"],
        ["cancel", "xplan/shop"],
        ["top"],
        ["wait", "xplan/shop", "--for=delete", "--timeout", "1s"],
    ]

    private static func answer(_ body: String, _ type: String = "application/json", _ status: String = "200 OK")
        -> String
    {
        "HTTP/1.1 \(status)\r\nContent-Type: \(type)\r\nContent-Length: \(body.utf8.count)\r\nConnection: close\r\n\r\n\(body)"
    }

    static let lies: [String: String] = [
        "nothing": "",
        "half a head": "HTTP/1.1 200 OK\r\nContent-Ty",
        "another protocol": "SSH-2.0-OpenSSH_9.2p1\r\n",
        "a page": answer("<html>Sign in</html>", "text/html"),
        "a page that calls itself JSON": answer("<html>Sign in</html>"),
        "a list of nothing": answer(#"{"items":[]}"#),
        "a list of pods": answer(
            #"{"kind":"PodList","apiVersion":"v1","metadata":{"resourceVersion":"1"},"items":[]}"#),
        "success": answer(#"{"kind":"Status","apiVersion":"v1","status":"Success","code":200}"#),
        "no content": "HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n",
        "a body cut off": "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 4000\r\n\r\n{\"kind\":",
        "chunks of no number":
            "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        "somebody else's 404": answer("not found", "text/plain", "404 Not Found"),
    ]

    @Test(arguments: verbs)
    func noVerbSucceeds(_ verb: [String]) async throws {
        let site = try Site()
        try Files.makeDirectories(site.state)
        chmod(site.state, 0o700)
        // As who serves the state would: no verb may look at it by itself, whether it is there or not.
        let isMade = verb[0] == "plan" && verb.contains("--all")
        if isMade { _ = try await site.run("get", "xplan") }
        let lock = try #require(try FileLock.take(site.state + "/lock"))
        defer { withExtendedLifetime(lock) {} }
        let listener = try LocalSocket.listen(in: site.state, as: "api.sock")
        defer { LocalSocket.close(listener) }
        let lie = Lie()
        _ = PosixThread.start(stackBytes: 256 << 10) {
            while let caller = try? LocalSocket.accept(from: listener) {
                if case .bytes? = try? caller.read(upTo: 64 << 10) { _ = caller.send(Array(lie.text.utf8)) }
                shutdown(caller.raw, Int32(SHUT_RDWR))
            }
        }
        let file = try site.write("plan.yaml", Manifest.plan("shop", [Manifest.task("cart", "[\"true\"]")]))
        for (name, text) in Self.lies.sorted(by: { $0.key < $1.key }) {
            lie.text = text
            let outcome = try await site.run(verb.map { $0 == "$FILE" ? file : $0 })
            // 1 of `diff` is a difference.
            let yes = verb[0] == "diff" ? [0, 1] : [0]
            #expect(!yes.contains(outcome.code), "told \(name): \(outcome)")
            #expect(outcome.errors.contains("error: "), "told \(name): \(outcome)")
        }
    }
}
