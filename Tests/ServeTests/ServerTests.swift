import Glibc
import HTTP
import Kernel
import ProcessKit
import Serve
import Testing

/// The shell in front of the handlers, over real sockets.
@Suite(.serialized, .timeLimit(.minutes(2))) struct ServerTests {
    private let client = HTTPClient()
    private var now: Int64 { Int64(time(nil)) }

    @Test func whoAsksIsWhomTheirCertificateNames() async throws {
        let stall = try await Stall()
        let admin = try stall.authority.issueClient(user: "maya", groups: ["ops", "system:masters"], now: now)
        let known = try await client.send(stall.request("/who", as: admin))
        #expect(known.text.hasPrefix("GET /who 0 maya of ") && known.text.contains("ops"), "\(known.text)")
        let unknown = try await client.send(stall.request("/who"))
        #expect(unknown.text == "GET /who 0 nobody", "a certificate may be left out")
        let foreign = try CertificateAuthority.generate(now: now).issueClient(user: "maya", groups: [], now: now)
        await #expect(throws: HTTPError.self, "one of another authority may not") {
            try await client.send(stall.request("/who", as: foreign))
        }
        #expect(stall.requests.count == 2)
    }

    @Test func bodiesHaveABound() async throws {
        let stall = try await Stall(bodyLimit: 10_000)
        let whole = try await client.send(stall.request("/body", body: Array(repeating: 0x20, count: 10_000)))
        #expect(whole.text == "POST /body 10000 nobody")
        let large = try await client.send(stall.request("/body", body: Array(repeating: 0x20, count: 10_001)))
        #expect(large.status == 413)
        #expect(large.text.contains(#""kind":"Status""#) && large.text.contains(#""reason":"RequestEntityTooLarge""#))
        #expect(stall.requests.count == 1, "the handler was not asked")
    }

    @Test("A stream that can't go on breaks the connection: nobody takes it for the whole", arguments: [false, true])
    func brokenStreams(_ unix: Bool) async throws {
        let stall = try await Stall(unix: unix)
        let request = stall.request("/stream?breaks", overSocket: unix)
        let failure = await #expect(throws: HTTPError.self) { try await client.send(request) }
        #expect(failure?.code == .connectionLost || failure?.code == .tls, "\(failure?.text ?? "")")
        try await eventually("the stream is let go") { stall.closedStreams == 1 }
    }

    @Test func hostsAndOriginsOfOthersAreRefused() async throws {
        let stall = try await Stall()
        let port = stall.port
        let rows: [(host: String, origin: String?, status: Int, because: String)] = [
            ("127.0.0.1:\(port)", nil, 200, "an address"), ("localhost:\(port)", nil, 200, "a name of its own"),
            ("LOCALHOST:\(port)", nil, 200, "in any case"), ("[::1]:\(port)", nil, 200, "an address of six"),
            ("evil.example:\(port)", nil, 403, "a name that a page pointed here"),
            ("127.0.0.1.evil.example", nil, 403, "an address only at first sight"),
            ("localhost:\(port)", "https://localhost:\(port)", 200, "a page of its own"),
            ("localhost:\(port)", "https://evil.example", 403, "a page of another"),
            ("localhost:\(port)", "http://localhost:\(port)", 403, "not by TLS"),
            ("localhost:\(port)", "null", 403, "a page of nowhere"),
        ]
        for row in rows {
            var request = stall.request("/")
            request.headers["Host"] = row.host
            if let origin = row.origin { request.headers["Origin"] = origin }
            let answer = try await client.send(request)
            #expect(answer.status == row.status, "\(row.because)")
            if row.status == 403 { #expect(answer.text.contains(#""reason":"Forbidden""#), "\(row.because)") }
        }
    }

    @Test func whoIsSlowIsLetGo() async throws {
        var limits = Stall.patient
        limits.handshake = .milliseconds(300)
        limits.idle = .milliseconds(300)
        limits.body = .milliseconds(300)
        let stall = try await Stall(unix: true, limits: limits)
        let idle = try Wire(socket: stall.socket)
        #expect(await idle.untilClosed() == "", "a connection that says nothing")
        let half = try Wire(socket: stall.socket)
        await half.send("GET /half HTTP/1.1\r\nHost: local")
        #expect(await half.untilClosed() != nil, "half a head")
        // Of the two limits the shorter one speaks first.
        limits.idle = .seconds(20)
        let patient = try await Stall(unix: true, limits: limits)
        let body = try Wire(socket: patient.socket)
        await body.send("POST /body HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\nabc")
        let said = await body.untilClosed() ?? "never closed"
        #expect(said.hasPrefix("HTTP/1.1 408"), "a body that does not come: \(said)")
        #expect(said.contains(#""reason":"Timeout""#), "\(said)")
        let secure = try await Stall(limits: limits)
        let silent = try Wire(port: secure.port)
        #expect(await silent.untilClosed() == "", "a handshake that never begins")
        #expect(stall.requests.isEmpty && secure.requests.isEmpty && patient.requests.isEmpty)
    }

    @Test func whatIsNoRequestIsNotHandled() async throws {
        let stall = try await Stall(unix: true)
        let rows: [(text: String, status: String, because: String)] = [
            ("HELLO\r\n\r\n", "HTTP/1.1 400", "no request line"),
            ("GET / HTTP/1.1\r\nHost: localhost\r\nBroken\r\n\r\n", "HTTP/1.1 400", "a field without a value"),
            (
                "GET / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n", "HTTP/1.1 400",
                "two lengths"
            ),
            (
                "GET / HTTP/1.1\r\nHost: localhost\r\nX: \(String(repeating: "x", count: 200_000))\r\n\r\n",
                "HTTP/1.1 400",
                "a head over the limit"
            ),
        ]
        for row in rows {
            let wire = try Wire(socket: stall.socket)
            await wire.send(row.text)
            let said = await wire.untilClosed() ?? "never closed"
            #expect(said.hasPrefix(row.status), "\(row.because): \(said.prefix(200))")
        }
        #expect(stall.requests.isEmpty)
        let secure = try await Stall()
        let plain = try Wire(port: secure.port)
        await plain.send("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
        #expect(await plain.untilClosed() != nil, "plain HTTP where TLS is spoken")
        #expect(secure.requests.isEmpty)
    }

    @Test func aStreamEndsWithItsReader() async throws {
        let stall = try await Stall()
        for _ in 0..<3 {
            let response = try await client.stream(stall.request("/stream"))
            var text = ""
            for try await piece in response.body {
                text += String(decoding: piece, as: UTF8.self)
                if text.contains("line 5\n") { break }
            }
            #expect(text.hasPrefix("line 1\nline 2\n"))
        }
        let end = ContinuousClock.now + .seconds(20)
        while stall.closedStreams < 3, ContinuousClock.now < end { await Task.yield() }
        #expect(stall.closedStreams == 3)
    }

    private static let hasCurl = Files.exists("/usr/bin/curl") || getenv("CI").map { String(cString: $0) } == "true"

    @Test(.enabled(if: hasCurl, "no curl: apt-get install curl")) func clientsMaySpeakHTTP2() async throws {
        let stall = try await Stall()
        let scratch = try Scratch()
        let admin = try stall.authority.issueClient(user: "maya", groups: ["ops"], now: now)
        try Files.replace(scratch.path + "/ca", Array(stall.authority.certificatePEM.utf8))
        try Files.replace(scratch.path + "/cert", Array(admin.certificatePEM.utf8))
        try Files.replace(scratch.path + "/key", Array(admin.keyPEM.utf8))
        for (option, version) in [("--http2", "2"), ("--http1.1", "1.1")] {
            let out = scratch.path + "/out"
            var spawn = SpawnRequest(
                [
                    "/usr/bin/curl", "--silent", option, "--cacert", scratch.path + "/ca", "--cert",
                    scratch.path + "/cert",
                    "--key", scratch.path + "/key", "--data", "abc", "--write-out", " by %{http_version}",
                    stall.url + "/who",
                ], environment: ["PATH=/usr/bin:/bin"])
            spawn.descriptors = [nil, try Descriptor.open(out, [.write, .create]), nil]
            let status = try Children.wait(try spawn.spawn())
            let said = String(decoding: try Files.read(out, limit: 1 << 16) ?? [], as: UTF8.self)
            #expect(said == "POST /who 3 maya of ops by \(version)", "\(status)")
            try Files.remove(out)
        }
    }
}
