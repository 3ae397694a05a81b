import APIServer
import Documents
import Engine
import Model
import Ports
import Storage
import Testing
import Tree

/// A thousand watches of one collection, cut and resumed at random while it is written to, across the end of the
/// history.
@Suite struct ManyWatchesTests {
    private static let path = "/api/v1/namespaces/shop/configmaps"

    /// What one client knows: the count that each object is at, and the version it has seen.
    private struct Client {
        var stream: APIStream?
        var known: [String: Int64] = [:]
        var version: UInt64 = 0
        var resumed = 0
        var relisted = 0
    }

    /// Objects count their own writes, so that a gap, a repeat or a step back shows in the next value.
    private struct Writer {
        var random: Randomness
        var counts: [String: Int64] = [:]

        mutating func write(_ desk: Desk) async {
            let name = "m\(random.below(12))"
            let path = ManyWatchesTests.path
            guard let count = counts[name] else {
                counts[name] = 1
                let made: Tree = [
                    "apiVersion": "v1", "kind": "ConfigMap", "metadata": ["name": .string(name)],
                    "data": ["count": "1"],
                ]
                #expect(await desk.send(.post, path, made).status == 201)
                return
            }
            if random.below(6) == 0 {
                counts[name] = nil
                #expect(await desk.send(.delete, "\(path)/\(name)").status == 200)
            } else {
                counts[name] = count + 1
                let patch: Tree = ["data": ["count": .string(String(count + 1))]]
                let answer = await desk.send(.patch, "\(path)/\(name)", patch, type: "application/merge-patch+json")
                #expect(answer.status == 200)
            }
        }
    }

    @Test(.timeLimit(.minutes(5)), arguments: [1, 2] as [UInt64]) func noGapNoRepeatNoWayBack(_ seed: UInt64)
        async throws
    {
        var limits = StoreLimits()
        limits.historyEvents = 40
        let desk = try Desk(StoreCore(limits: limits))
        var random = Randomness(seed: seed)
        var writer = Writer(random: Randomness(seed: seed &+ 1000))
        var clients = Array(repeating: Client(), count: 1000)
        for round in 0..<30 {
            for _ in 0..<10 { await writer.write(desk) }
            let current = try desk.store.list(StoreQuery()).version
            for index in clients.indices where round == 29 || random.below(3) == 0 {
                // What is not read now is cut, or falls behind.
                if random.below(2) == 0 { cut(&clients[index]) }
                await read(&clients[index], upTo: current, desk)
            }
        }
        let resumed = clients.reduce(0) { $0 + $1.resumed }
        let relisted = clients.reduce(0) { $0 + $1.relisted }
        #expect(resumed > 1000, "watches went on from where they were cut: \(resumed)")
        #expect(relisted > 1000, "others came too late for that: \(relisted)")
        #expect(clients.allSatisfy { $0.known == writer.counts }, "all know the state")
    }

    private func cut(_ client: inout Client) {
        client.stream?.close()
        client.stream = nil
    }

    private func read(_ client: inout Client, upTo current: UInt64, _ desk: Desk) async {
        while client.version < current {
            if client.stream == nil { await open(&client, desk) }
            guard let bytes = await client.stream?.next() else {
                cut(&client)
                continue
            }
            for line in bytes.split(separator: 0x0A) {
                guard let event = try? JSON.parse(Array(line)) else {
                    Issue.record("a line that can't be read")
                    return
                }
                take(event, &client)
            }
        }
    }

    private func open(_ client: inout Client, _ desk: Desk) async {
        var query = ["watch": "true", "allowWatchBookmarks": "true"]
        if client.version > 0 {
            query["resourceVersion"] = String(client.version)
            client.resumed += 1
        } else {
            // As kubectl and client-go begin: with what there is, and a bookmark where it ends.
            query["sendInitialEvents"] = "true"
            query["resourceVersionMatch"] = "NotOlderThan"
        }
        guard case .stream(_, let stream) = await desk.server.handle(APIRequest(.get, Self.path, query: query)) else {
            Issue.record("no stream")
            return
        }
        client.stream = stream
    }

    private func take(_ event: Tree, _ client: inout Client) {
        let object = event["object"] ?? .null
        if event["type"] == "ERROR" {
            #expect(object["code"] == 410, "\(event)")
            // Too late: it begins again with what there is.
            client.relisted += 1
            (client.version, client.known) = (0, [:])
            return cut(&client)
        }
        let metadata = object["metadata"] ?? .null
        let version = metadata["resourceVersion"]?.string.flatMap { UInt64($0) } ?? 0
        if event["type"] == "BOOKMARK" {
            client.version = max(client.version, version)
            return
        }
        let isInitial = client.version == 0
        let name = metadata["name"]?.string ?? ""
        let count = object["data"]?["count"]?.string.flatMap { Int64($0) } ?? 0
        if !isInitial { #expect(version > client.version, "versions rise") }
        switch event["type"] {
        case "ADDED":
            #expect(client.known[name] == nil, "\(name) was there already")
            if !isInitial { #expect(count == 1, "\(name) appears as it was made") }
            client.known[name] = count
        case "MODIFIED":
            #expect(client.known[name] == count - 1, "\(name) at \(count) after \(client.known[name] ?? 0)")
            client.known[name] = count
        case "DELETED":
            #expect(client.known[name] == count, "\(name) went as it was last")
            client.known[name] = nil
        default: Issue.record("\(event)")
        }
        if !isInitial { client.version = version }
    }
}
