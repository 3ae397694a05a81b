import HTTP
import ProcessKit
import Serve
import Testing

/// What a server holds for its clients, and for how long.
@Suite(.serialized, .timeLimit(.minutes(2))) struct LeavingTests {
    @Test("Whoever leaves is not worked for any more, at once, whatever they asked for", arguments: [true, false])
    func leaving(_ unix: Bool) async throws {
        let stall = try await Stall(unix: unix)
        if unix {
            for path in ["/silence", "/held"] {
                let wire = try Wire(socket: stall.socket)
                await wire.send("GET \(path) HTTP/1.1\r\nHost: localhost\r\n\r\n")
                try await eventually("\(path) is asked for") { stall.requests.contains { $0.path == path } }
            }
        } else {
            let client = HTTPClient()
            let silence = Task { _ = try? await client.send(stall.request("/silence")) }
            let held = Task { _ = try? await client.send(stall.request("/held")) }
            try await eventually("both are asked for") { stall.requests.count == 2 }
            silence.cancel()
            held.cancel()
        }
        try await eventually("the stream is closed", within: .seconds(5)) { stall.closedStreams == 1 }
        try await eventually("the work is given up", within: .seconds(5)) { stall.cancelledRequests == 1 }
    }

    @Test("Who is not let in hears so on their head, and what they send is not kept")
    func refused() async throws {
        var limits = Stall.patient
        limits.refusedBytes = 4 << 20
        let stall = try await Stall(unix: true, limits: limits)
        let early = try Wire(socket: stall.socket)
        await early.send("POST /closed HTTP/1.1\r\nHost: localhost\r\nContent-Length: 300000000\r\n\r\n")
        #expect(await early.until("who are you?")?.hasPrefix("HTTP/1.1 401") == true, "before a byte of the body came")
        let late = try Wire(socket: stall.socket)
        await late.send("POST /closed HTTP/1.1\r\nHost: localhost\r\nContent-Length: 3000000\r\n\r\n")
        await late.send(String(repeating: "x", count: 3_000_000))
        #expect(await late.until("who are you?")?.hasPrefix("HTTP/1.1 401") == true, "whoever reads after all was sent")
        #expect(await late.untilClosed() == "", "and then it is over")
        // More than any request may have is not swallowed.
        await early.send(String(repeating: "x", count: 8 << 20))
        #expect(await early.untilClosed() == "")
        #expect(stall.requests.isEmpty)
        let again = try Wire(socket: stall.socket)
        for _ in 0..<2 {
            await again.send("GET /closed HTTP/1.1\r\nHost: localhost\r\n\r\n")
            #expect(
                await again.until("who are you?")?.hasPrefix("HTTP/1.1 401") == true, "without a body nothing is closed"
            )
        }
    }

    @Test("Who does not read is let go, and holds no more than a piece until then", arguments: ["/flood", "/large"])
    func unread(_ path: String) async throws {
        var limits = Stall.patient
        limits.write = .milliseconds(500)
        let stall = try await Stall(unix: true, limits: limits)
        let wire = try Wire(socket: stall.socket)
        await wire.send("GET \(path) HTTP/1.1\r\nHost: localhost\r\n\r\n")
        try await eventually("it is asked for") { stall.requests.count == 1 }
        if path == "/flood" { try await eventually("the stream is closed") { stall.closedStreams == 1 } }
        try await eventually("the connection is closed") { wire.isClosed }
        let said = try #require(await wire.untilClosed())
        #expect(said.hasPrefix("HTTP/1.1 200") && said.utf8.count < 4 << 20, "\(said.utf8.count)")
        let other = try Wire(socket: stall.socket)
        await other.send("GET /who HTTP/1.1\r\nHost: localhost\r\n\r\n")
        #expect(await other.until("GET /who 0") != nil, "others are served")
    }

    @Test("Of connections on which nobody said who they are so many stand; for one more the oldest goes")
    func strangers() async throws {
        var limits = Stall.patient
        limits.strangers = 8
        let stall = try await Stall(limits: limits)
        let client = HTTPClient()
        let held = Task { _ = try? await client.send(stall.request("/silence")) }
        defer { held.cancel() }
        try await eventually("somebody known is there") { stall.requests.count == 1 }
        let wires = try (0..<20).map { _ in try Wire(port: stall.port) }
        // Which of them came last is told by two threads, in either order.
        try await eventually("all but eight are gone, not \(wires.count { $0.isClosed })") {
            wires.count { $0.isClosed } >= 12
        }
        #expect(wires.count { $0.isClosed } == 12)
        #expect(stall.closedStreams == 0, "who is known stays")
        let other = HTTPClient()
        #expect(try await other.send(stall.request("/who")).status == 200, "and others come in")
    }

    @Test("Of one caller's connections so many stand; for one more his own oldest goes, and nobody else's")
    func oneCaller() async throws {
        var limits = Stall.patient
        limits.callerConnections = 2
        let stall = try await Stall(limits: limits)
        func holds(_ account: String) -> Task<Void, Never> {
            // A client of its own for each, which is a connection of its own.
            Task {
                var request = stall.request("/silence")
                request.headers["X-Account"] = account
                request.isIdempotent = false
                _ = try? await HTTPClient().send(request)
            }
        }
        var held: [Task<Void, Never>] = []
        defer { for task in held { task.cancel() } }
        for (index, account) in ["noah", "maya", "maya"].enumerated() {
            held.append(holds(account))
            try await eventually("\(account) is there") { stall.requests.count == index + 1 }
        }
        #expect(stall.closedStreams == 0)
        held.append(holds("maya"))
        try await eventually("the first of hers is gone") { stall.closedStreams == 1 }
        try await eventually("the last of hers is there") { stall.requests.count == 4 }
        await held[1].value
        let other = HTTPClient()
        #expect(try await other.send(stall.request("/who")).status == 200, "others come in")
        #expect(stall.closedStreams == 1, "and stay")
    }

    @Test func oneBudgetForAllAndAShareForEach() {
        let budget = ByteBudget(total: 100, share: 60, strangers: 10)
        var maya = budget.take(60, for: "maya")
        #expect(maya != nil)
        #expect(budget.take(1, for: "maya") == nil, "a share")
        #expect(budget.take(11, for: "") == nil, "those whom nobody knows have one small share together")
        let stranger = budget.take(10, for: "")
        #expect(stranger != nil && budget.take(1, for: "") == nil)
        let noah = budget.take(20, for: "noah")
        #expect(noah?.grow(by: 10) == true && noah?.grow(by: 1) == false, "all together")
        #expect(budget.held == 100)
        maya = nil
        #expect(budget.held == 40 && noah?.grow(by: 30) == true, "what is given back is there for others")
        #expect(noah?.grow(by: 1) == false, "up to their share")
    }
}
