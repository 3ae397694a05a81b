import Testing

@testable import HTTP

@Suite("HTTP client: many at once, and the end")
struct HTTPConcurrencyTests {
    @Test("200 requests at once, each with its own answer", arguments: [8, 256])
    func many(_ maxTransfers: Int) async throws {
        let atOnce = Counter()
        let most = Counter()
        let server = try TestServer { connection in
            while let request = connection.request() {
                let now = atOnce.add()
                if now > most.value { most.add(now - most.value) }
                connection.send(TestConnection.Response(body: request.body).bytes)
                atOnce.add(-1)
            }
        }
        var settings = HTTPClient.Settings()
        settings.maxTransfers = maxTransfers
        let client = HTTPClient(settings)
        let answers = try await withThrowingTaskGroup(of: (Int, String).self) { group in
            for number in 0..<200 {
                group.addTask {
                    let body = Array("number \(number)".utf8)
                    return (number, try await client.send(HTTPRequest(.post, server.url, body: body)).text)
                }
            }
            var answers: [Int: String] = [:]
            for try await (number, text) in group { answers[number] = text }
            return answers
        }
        #expect(answers.count == 200)
        #expect(answers.allSatisfy { $0.value == "number \($0.key)" })
        #expect(most.value <= maxTransfers)
    }

    @Test("200 streams at once, read and abandoned in every order")
    func manyStreams() async throws {
        let server = try TestServer { connection in
            guard connection.request() != nil else { return }
            connection.send("HTTP/1.1 200 OK\r\n\r\n")
            for number in 0..<50 where !connection.send("line \(number)\n") { return }
        }
        let client = HTTPClient()
        let counts = try await withThrowingTaskGroup(of: Int.self) { group in
            for number in 0..<200 {
                group.addTask {
                    var count = 0
                    for try await _ in try await client.stream(HTTPRequest(.get, server.url)).body.lines() {
                        count += 1
                        if count == number { break }
                    }
                    return count
                }
            }
            return try await group.reduce(into: [Int]()) { $0.append($1) }
        }
        #expect(counts.count == 200)
        #expect(counts.filter { $0 == 50 }.count == 151, "1...49 break there, the others see all")
        await client.shutdown()
    }

    @Test("more than the queue holds is refused at once, and was not sent")
    func overloaded() async throws {
        var settings = HTTPClient.Settings()
        settings.maxTransfers = 1
        settings.maxWaiting = 1
        let client = HTTPClient(settings)
        let arrived = Events<Bool>()
        let server = try TestServer { connection in
            if connection.request() != nil { arrived.report(true) }
            connection.waitForClose()
        }
        let held = (0..<2).map { _ in
            Task { try await client.send(HTTPRequest(.get, server.url, timeout: nil)) }
        }
        #expect(try await arrived.next())
        // The second holder takes the one place in the queue, now or soon; then there is none.
        let limit = ContinuousClock.now + .seconds(10)
        var code: HTTPError.Code?
        while code != .overloaded, ContinuousClock.now < limit {
            let probe = HTTPRequest(.post, server.url, timeout: .milliseconds(20))
            code = await failure { try await client.send(probe) }?.code
        }
        #expect(code == .overloaded)
        var codes: [HTTPError.Code] = []
        for task in held { task.cancel() }
        for task in held {
            if case .failure(let error as HTTPError) = await task.result { codes.append(error.code) }
        }
        #expect(codes == [.cancelled, .cancelled])
    }

    @Test("shutdown ends what is in flight, and what comes later, as closed")
    func shutdown() async throws {
        let events = Events<String>()
        let server = try TestServer { connection in
            guard let request = connection.request() else { return }
            if request.target == "/stream" { connection.send("HTTP/1.1 200 OK\r\n\r\npiece") }
            events.report("request")
            connection.waitForClose()
            events.report("closed")
        }
        let client = HTTPClient()
        let sending = (0..<20).map { _ in
            Task { try await client.send(HTTPRequest(.post, server.url, body: [1], timeout: nil)) }
        }
        let response = try await client.stream(HTTPRequest(.get, "\(server.url)/stream"))
        for _ in 0..<21 { #expect(try await events.next() == "request") }
        await client.shutdown()
        for task in sending {
            let error = await failure { try await task.value }
            #expect(error?.code == .closed)
            #expect(error?.mayHaveBeenApplied == true)
        }
        let lost = await failure { for try await _ in response.body {} }
        #expect(lost?.code == .closed)
        for _ in 0..<21 { #expect(try await events.next() == "closed") }
        await client.shutdown()
        let late = await failure { try await client.send(HTTPRequest(.post, server.url)) }
        #expect(late?.code == .closed)
        #expect(late?.mayHaveBeenApplied == false)
    }

    @Test("shutdown of a client that never sent, twice at once")
    func idleShutdown() async throws {
        let client = HTTPClient()
        async let one: Void = client.shutdown()
        async let two: Void = client.shutdown()
        _ = await (one, two)
    }

    @Test("the last reference to a client closes its connections")
    func dropped() async throws {
        let events = Events<String>()
        let server = try TestServer { connection in
            while connection.request() != nil {
                connection.send(TestConnection.Response.text("answer").bytes)
            }
            events.report("closed")
        }
        func once() async throws -> String {
            try await HTTPClient().send(HTTPRequest(.get, server.url)).text
        }
        #expect(try await once() == "answer")
        #expect(try await events.next() == "closed")
    }
}
