import Client
import Documents
import HTTP
import Model
import Synchronization
import Testing
import Tree

@testable import Commands

/// The verbs against a server that lies. Whatever it says, none of them says yes, nothing, or no difference.
@Suite struct LyingServerTests {
    static let html = Array("\n<!DOCTYPE html>\n<html><body>Sign in</body></html>".utf8)

    /// Every lie is told in place of every answer, refusals included.
    static let lies: [(name: String, lie: LyingTransport.Lie)] = [
        (
            "a page of a proxy",
            { _, _ in HTTPResponse(status: 200, headers: ["Content-Type": "text/html"], body: html) }
        ),
        ("a page that calls itself JSON", { _, _ in LyingTransport.json(200, html) }),
        ("a page with 404", { _, _ in HTTPResponse(status: 404, headers: ["Content-Type": "text/html"], body: html) }),
        ("a text with 404", { _, _ in HTTPResponse(status: 404, headers: ["Content-Type": "text/plain"], body: html) }),
        ("404 in JSON of another kind", { _, _ in LyingTransport.json(404, Array(#"{"message":"not found"}"#.utf8)) }),
        (
            "404 of another object",
            { _, _ in
                LyingTransport.json(
                    404,
                    Array(
                        #"{"kind":"Status","apiVersion":"v1","status":"Failure","reason":"NotFound","code":404,"details":{"name":"other"}}"#
                            .utf8))
            }
        ),
        ("nothing", { _, _ in HTTPResponse(status: 200, headers: ["Content-Type": "application/json"]) }),
        ("no content", { _, _ in HTTPResponse(status: 204) }),
        ("null", { _, _ in LyingTransport.json(200, Array("null".utf8)) }),
        ("a text", { _, _ in LyingTransport.json(200, Array("\"ok\"".utf8)) }),
        ("an empty object", { _, _ in LyingTransport.json(200, Array("{}".utf8)) }),
        ("an empty list", { _, _ in LyingTransport.json(200, Array(#"{"items":[]}"#.utf8)) }),
        (
            "a list of another kind",
            { _, _ in
                LyingTransport.json(
                    200,
                    Array(#"{"kind":"PodList","apiVersion":"v1","metadata":{"resourceVersion":"1"},"items":[]}"#.utf8))
            }
        ),
        (
            "a Status",
            { _, _ in LyingTransport.json(200, Array(#"{"kind":"Status","apiVersion":"v1","status":"Success"}"#.utf8)) }
        ),
        ("another status", { _, honest in changed(honest) { $0.status = 206 } }),
        (
            "a redirect",
            { _, honest in
                changed(honest) {
                    $0.status = 302
                    $0.headers["Location"] = "https://elsewhere.example/login"
                }
            }
        ),
        ("no type", { _, honest in changed(honest) { $0.headers["Content-Type"] = nil } }),
        (
            "another type",
            { _, honest in changed(honest) { $0.headers["Content-Type"] = "application/vnd.kubernetes.protobuf" } }
        ),
        ("gzip", { _, honest in changed(honest) { $0.headers["Content-Encoding"] = "gzip" } }),
        (
            "half of it",
            { _, honest in changed(honest) { $0.body = Array($0.body.prefix($0.body.count / 2)) + [0x7B] } }
        ),
        ("too deep", { _, _ in LyingTransport.json(200, Array(repeating: UInt8(ascii: "["), count: 100_000)) }),
        ("another version", { _, honest in replaced(honest, "/v1alpha1", "/v9") }),
        (
            "another kind",
            { _, honest in
                changed(honest) {
                    $0.body = Array(
                        String(decoding: $0.body, as: UTF8.self).replacing("\"kind\":\"", with: "\"kind\":\"X").utf8)
                }
            }
        ),
        ("another name", { _, honest in replaced(honest, "\"name\":\"", "\"name\":\"x") }),
        ("a broken connection", { _, _ throws(HTTPError) in throw HTTPError(.connectionLost, "it broke") }),
        ("too much", { _, _ throws(HTTPError) in throw HTTPError(.tooLarge, "more than 64 MiB") }),
        ("an error without a word", { _, _ in HTTPResponse(status: 500) }),
    ]

    private static func changed(_ response: HTTPResponse, _ change: (inout HTTPResponse) -> Void) -> HTTPResponse {
        var response = response
        change(&response)
        return response
    }

    private static func replaced(_ response: HTTPResponse, _ old: String, _ new: String) -> HTTPResponse {
        let text = String(decoding: response.body, as: UTF8.self)
        // What holds nothing of it is a lie of another sort.
        guard text.contains(old) else { return HTTPResponse(status: 200) }
        return LyingTransport.json(response.status, Array(text.replacing(old, with: new).utf8))
    }

    static let verbs: [[String]] = [
        ["get", "xtask"], ["get", "xtask", "-o", "name"], ["get", "reconcile", "-o", "json"],
        ["get", "xtask/shop-cart"],
        ["delete", "xtask/shop-cart"], ["delete", "xtask/gone", "--ignore-not-found"], ["delete", "-f", "$DIR/a.yaml"],
        ["diff", "-f", "$DIR/a.yaml"], ["apply", "-f", "$DIR/a.yaml"], ["apply", "-f", "$DIR/a.yaml", "--dry-run"],
        ["events"], ["events", "xplan/shop"], ["logs", "xtask/shop-cart"], ["logs", "xplan/shop"],
        ["wait", "xtask/shop-cart", "--for=delete", "--timeout", "1s"],
        ["wait", "xplan/shop", "--for=condition=Succeeded", "--timeout", "1s"],
        ["scale", "wpool/front", "--replicas", "2"], ["top"], ["tree", "xplan/shop"], ["describe", "xplan", "shop"],
        ["describe", "xtask"], ["report", "xplan/shop"], ["suspend", "xplan/shop"], ["cancel", "xplan/shop"],
        ["maintenance", "wkr/front-0"], ["arrive", "syncp/shop-agreed", "--as", "x"],
    ]

    private final class Count: Sendable {
        private let number = Mutex(0)
        var value: Int {
            get { number.withLock { $0 } }
            set { number.withLock { $0 = newValue } }
        }
    }

    private func desk() async throws -> (desk: Desk, liar: LyingTransport) {
        let desk = try Desk()
        try await desk.store(Shop.state)
        try desk.write("a.yaml", Desk.hello)
        let liar = LyingTransport(desk.runtime.server)
        desk.runtime.answering = RemoteClient(socket: "/lies", http: liar)
        return (desk, liar)
    }

    @Test func honestAnswersAreBelieved() async throws {
        let (desk, _) = try await desk()
        for verb in Self.verbs where !["arrive", "wait", "diff"].contains(verb[0]) {
            let answer = await desk.run(verb)
            #expect(answer.code == 0 || answer.err.contains("not found"), "\(verb): \(answer.err)")
        }
    }

    @Test(arguments: verbs)
    func noVerbBelievesALie(_ verb: [String]) async throws {
        let (desk, liar) = try await desk()
        // A list of others than there are can't be told from the truth.
        let asksForOne =
            verb.contains { $0.contains("/") && !$0.hasPrefix("$") } && verb[0] != "events" && verb[0] != "wait"
        for (name, lie) in Self.lies where name != "another name" || asksForOne {
            liar.tell(lie)
            let answer = await desk.run(verb + (verb.contains("-f") ? [] : ["-n", "shop"]))
            // 1 of `diff` is a difference.
            let codes: [Int32] = verb[0] == "diff" ? [0, 1] : [0]
            #expect(!codes.contains(answer.code), "\(verb.joined(separator: " ")), told \(name): \(answer.out)")
            #expect(answer.err.hasPrefix("error: "), "\(verb.joined(separator: " ")), told \(name): \(answer.err)")
        }
        liar.tell(Self.lies[0].lie)
        let answer = await desk.run(verb + (verb.contains("-f") ? [] : ["-n", "shop"]))
        #expect(answer.err.contains("<!DOCTYPE html>"), "what came is shown: \(answer.err)")
    }

    /// A list cut off after each of its bytes, as a connection that ends tells an old client.
    @Test func aListCutAnywhereIsNoList() async throws {
        let (desk, liar) = try await desk()
        liar.tell { _, honest in honest }
        let whole = try await desk.runtime.answering.list(.task, namespace: "shop").items
        #expect(whole.count == 4)
        let length = Count()
        liar.tell { _, honest in
            length.value = honest.body.count
            return honest
        }
        _ = try await desk.runtime.answering.list(.task, namespace: "shop")
        for count in 0..<length.value {
            liar.tell { _, honest in Self.changed(honest) { $0.body = Array($0.body.prefix(count)) } }
            await #expect(throws: ClientError.self, "\(count) bytes of \(length.value)") {
                _ = try await desk.runtime.answering.list(.task, namespace: "shop")
            }
        }
    }

    /// Each byte of a list made another: an error, or four tasks; never fewer, and never none.
    @Test func aListWithAnyByteChangedIsNeverAnEmptyOne() async throws {
        let (desk, liar) = try await desk()
        let honest = try await desk.runtime.answering.list(.task, namespace: "shop").items
        let list: Tree = [
            "apiVersion": .string(Kind.task.apiVersion), "kind": "TaskList", "metadata": ["resourceVersion": "9"],
            "items": .array(honest),
        ]
        let bytes = JSON.encode(list)
        for (index, byte) in bytes.enumerated() {
            for other in [byte ^ 1, UInt8(ascii: "}"), UInt8(ascii: "\"")] where other != byte {
                var spoilt = bytes
                spoilt[index] = other
                let answer = spoilt
                liar.tell { _, _ in LyingTransport.json(200, answer) }
                do throws(ClientError) {
                    let items = try await desk.runtime.answering.list(.task, namespace: "shop").items
                    #expect(items.count == 4, "byte \(index)")
                } catch { continue }
            }
        }
    }

    @Test func pagesThatLeadNowhereEnd() async throws {
        let (desk, liar) = try await desk()
        @Sendable func page(_ names: [String], _ token: String, _ version: String = "7") -> [UInt8] {
            let items = names.map { "{\"metadata\":{\"name\":\"\($0)\",\"namespace\":\"shop\"}}" }.joined(
                separator: ",")
            return Array(
                "{\"apiVersion\":\"\(Kind.task.apiVersion)\",\"kind\":\"TaskList\",\"metadata\":{\"resourceVersion\":\"\(version)\",\"continue\":\"\(token)\"},\"items\":[\(items)]}"
                    .utf8)
        }
        let count = Count()
        let lies: [(because: String, answer: @Sendable (Int) -> [UInt8])] = [
            ("the same page again", { _ in page(["a"], "t") }), ("no page has anything", { page([], "t\($0)") }),
            ("another version", { page(["a\($0)"], "t\($0)", "\($0)") }),
        ]
        for (because, answer) in lies {
            count.value = 0
            liar.tell { _, _ in
                count.value += 1
                return LyingTransport.json(200, answer(count.value))
            }
            await #expect(throws: ClientError.self, "\(because)") {
                _ = try await desk.runtime.answering.list(.task, namespace: "shop")
            }
            #expect(count.value <= 3, "\(because)")
        }
    }

    @Test func aPageTooLargeIsAskedForInSmallerOnes() async throws {
        let (desk, liar) = try await desk()
        liar.tell { request, honest throws(HTTPError) in
            guard request.url.contains("limit=1&") || request.url.hasSuffix("limit=1") else {
                throw HTTPError(.tooLarge, "more than 64 MiB")
            }
            return honest
        }
        #expect(try await desk.runtime.answering.list(.task, namespace: "shop").items.count == 4)
    }
}
