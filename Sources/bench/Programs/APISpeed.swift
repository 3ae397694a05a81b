import APIServer
import Client
import Documents
import Glibc
import Kernel
import Model
import Synchronization
import Tree

/// The embedded API over HTTPS, from the certificate to the disk: writes that were acknowledged, how soon a watch tells
/// of them, long lists, and what an object costs in memory. Client and server share the machine.
enum APISpeed {
    private static let namespace = "default"
    private static let path = APIPath.collection(.configMap, namespace: namespace)
    private static let seconds = 3.0
    /// Client threads: libcurl drives one handle on one thread.
    private static let threads = 4
    private static let listed = 20_000

    static func measure(_ workshop: Workshop) async throws -> [Row] {
        var rows = try await served(workshop, "api") { server in
            try await Task.sleep(for: .seconds(1))
            let idle = try ProcessMemory.anonymous(of: server.pid)
            let row = Row(
                name: "serve, idle, RssAnon", value: idle, unit: .mebibytes, gate: 48, goal: 16, wish: .less)
            let written = try await writes(server)
            return try await written + watches(server) + [row]
        }
        rows += try await served(workshop, "list", longList)
        rows.append(try await start(workshop, "list"))
        return rows
    }

    private static func served(
        _ workshop: Workshop, _ state: String, _ body: (Server) async throws -> [Row]
    ) async throws -> [Row] {
        let server = try await Server.start(workshop, state: state)
        do {
            let rows = try await body(server)
            try await server.stop()
            return rows
        } catch {
            server.kill()
            throw error
        }
    }

    // MARK: Writes

    private static func writes(_ server: Server) async throws -> [Row] {
        let disk = try bareSyncs(server.state)
        let beside = "write + fdatasync, one after another: \(grouped(disk))/s"
        let many = try await drive(server, clients: 64) { client, writer, turn in
            _ = try await client.send(create("c-\(writer)-\(turn)"))
        }
        let one = try await drive(server, clients: 1) { client, writer, turn in
            _ = try await client.send(create("d-\(writer)-\(turn)"))
        }
        for writer in 0..<64 { _ = try await server.network().send(create("p-\(writer)")) }
        let patches = try await drive(server, clients: 64) { client, writer, turn in
            _ = try await client.send(patch("p-\(writer)", turn))
        }
        let alone = try await drive(server, clients: 1) { client, writer, turn in
            _ = try await client.send(patch("p-\(writer)", turn))
        }
        return [
            Row(
                name: "creates over HTTPS, 64 clients", value: many.rate, unit: .perSecond, gate: 10_000, goal: 50_000,
                beside: beside),
            Row(
                name: "create over HTTPS, one client, p50", value: one.p50, unit: .milliseconds, gate: 1, wish: .less,
                beside: "p95 \(short(one.p95)) ms"),
            Row(
                name: "merge patches over HTTPS, 64 clients", value: patches.rate, unit: .perSecond, gate: 10_000,
                goal: 50_000, beside: beside),
            Row(
                name: "merge patch over HTTPS, one client, p50", value: alone.p50, unit: .milliseconds, gate: 1,
                wish: .less, beside: "p95 \(short(alone.p95)) ms"),
        ]
    }

    private struct Load {
        var rate: Double
        var p50: Double
        var p95: Double
    }

    /// Each client sends its next request when the last one was answered.
    private static func drive(
        _ server: Server, clients count: Int,
        _ turn: @escaping @Sendable (RemoteClient, _ writer: Int, _ turn: Int) async throws -> Void
    ) async throws -> Load {
        let clients = try (0..<min(threads, count)).map { _ in try server.network() }
        let start = Stopwatch.now
        let end = start + seconds
        let times = try await withThrowingTaskGroup(of: [Double].self) { group in
            for writer in 0..<count {
                group.addTask {
                    var times: [Double] = []
                    while Stopwatch.now < end {
                        let sent = Stopwatch.now
                        try await turn(clients[writer % clients.count], writer, times.count)
                        times.append((Stopwatch.now - sent) * 1000)
                    }
                    return times
                }
            }
            return try await group.reduce(into: []) { $0 += $1 }
        }
        let took = Stopwatch.now - start
        var samples = Samples()
        for time in times { samples.add(time) }
        return Load(rate: Double(times.count) / took, p50: samples.quantile(0.5), p95: samples.quantile(0.95))
    }

    // MARK: Watches

    private static func watches(_ server: Server) async throws -> [Row] {
        let one = try await delivery(server)
        let many = try await deliveries(server, watchers: 50)
        return [
            Row(
                name: "watch: patch sent → event seen, p50", value: one.seen, unit: .milliseconds, gate: 1, wish: .less,
                beside: "the patch itself was answered after \(short(one.answered)) ms"),
            Row(
                name: "watch events, 50 watchers catching up", value: many.caughtUp, unit: .perSecond, gate: 300_000,
                goal: 3_000_000, beside: "\(grouped(many.live))/s live, of \(grouped(many.writes)) patches/s"),
        ]
    }

    private static func delivery(_ server: Server) async throws -> (seen: Double, answered: Double) {
        let (client, other) = (try server.network(), try server.network())
        let stream = try await other.stream(watch)
        defer { stream.close() }
        var (seen, answered) = (Samples(), Samples())
        // What is there already comes first: the marks are the values of the patches.
        for turn in 0..<300 {
            let mark = "\"mark\":\"\(turn)\""
            let sent = Stopwatch.now
            async let answer: Double = {
                _ = try await client.send(
                    APIRequest(
                        .patch, path + "/p-0", contentType: "application/merge-patch+json",
                        body: JSON.encode(["data": ["mark": .string(String(turn))]])))
                return Stopwatch.now - sent
            }()
            var tail = ""
            while !tail.contains(mark) {
                guard let bytes = try await stream.next() else { throw Unmeasurable("the watch ended") }
                tail = String(tail.suffix(2000)) + String(decoding: bytes, as: UTF8.self)
            }
            let now = Stopwatch.now
            if turn >= 20 { seen.add((now - sent) * 1000) }
            let took = try await answer
            if turn >= 20 { answered.add(took * 1000) }
        }
        return (seen.quantile(0.5), answered.quantile(0.5))
    }

    /// Events that any of the watches has seen.
    private final class Tally: Sendable {
        private let count = Atomic(0)
        var value: Int { count.load(ordering: .relaxed) }
        func add(_ more: Int) { count.add(more, ordering: .relaxed) }
    }

    /// What the watchers are sent when they come back after the last of the changes, and while changes are made.
    private static func deliveries(_ server: Server, watchers: Int) async throws -> Deliveries {
        let from = try await version(server)
        let live = try await follow(server, watchers, from: from) {
            try await drive(server, clients: 32) { client, writer, turn in
                _ = try await client.send(patch("p-\(writer)", turn))
            }.rate
        }
        // History is bounded: no more than what it keeps for certain.
        let target = min(missedMost, live.perWatcher)
        let start = Stopwatch.now
        let caught = try await follow(server, watchers, from: from, until: target) { 0 }
        return Deliveries(
            live: live.events / live.seconds, writes: live.result,
            caughtUp: caught.events / (Stopwatch.now - start))
    }

    private struct Deliveries {
        var live: Double
        var writes: Double
        var caughtUp: Double
    }

    private struct Followed {
        var events: Double
        var perWatcher: Int
        var seconds: Double
        var result: Double
    }

    private static let missedMost = 8000

    /// Watches from a version on while `body` runs, and then until each was sent `until` events.
    private static func follow(
        _ server: Server, _ watchers: Int, from version: String, until target: Int = 0,
        _ body: @escaping @Sendable () async throws -> Double
    ) async throws -> Followed {
        let clients = try (0..<threads).map { _ in try server.network() }
        let request = APIRequest(.get, path, query: ["watch": "true", "resourceVersion": version])
        let tallies = (0..<watchers).map { _ in Tally() }
        let start = Stopwatch.now
        let result = try await withThrowingTaskGroup(of: Void.self) { group in
            for (watcher, tally) in tallies.enumerated() {
                let stream = try await clients[watcher % threads].stream(request)
                group.addTask {
                    while target == 0 || tally.value < target, let bytes = try? await stream.next() {
                        tally.add(bytes.count { $0 == 0x0A })
                    }
                }
            }
            let result = try await body()
            if target == 0 { group.cancelAll() }
            try await group.waitForAll()
            return result
        }
        let all = tallies.map(\.value)
        return Followed(
            events: Double(all.reduce(0, +)), perWatcher: all.min() ?? 0, seconds: Stopwatch.now - start,
            result: result)
    }

    private static func version(_ server: Server) async throws -> String {
        let answer = try await server.network().send(APIRequest(.get, path, query: ["limit": "1"]))
        return answer.tree["metadata"]?["resourceVersion"]?.string ?? "0"
    }

    private static let watch = APIRequest(.get, path, query: ["watch": "true"])

    // MARK: Long lists, memory, start

    private static func longList(_ server: Server) async throws -> [Row] {
        let memory = try ProcessMemory.anonymous(of: server.pid)
        let client = try server.network()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for writer in 0..<64 {
                group.addTask {
                    for number in stride(from: writer, to: listed, by: 64) {
                        _ = try await client.send(create("l-\(number)"))
                    }
                }
            }
            try await group.waitForAll()
        }
        try await Task.sleep(for: .seconds(1))
        let grown = try ProcessMemory.anonymous(of: server.pid) - memory
        var samples = Samples()
        var bytes = 0
        for _ in 0..<7 {
            let start = Stopwatch.now
            let stream = try await client.stream(APIRequest(.get, path))
            bytes = 0
            while let piece = try await stream.next() { bytes += piece.count }
            samples.add((Stopwatch.now - start) * 1000)
        }
        return [
            Row(
                name: "list of \(grouped(Double(listed))) objects", value: samples.quantile(0.5), unit: .milliseconds,
                gate: 150, wish: .less, beside: "\(short(Double(bytes) / 1e6)) MB"),
            Row(
                name: "memory an object, its history with it", value: grown * 1024 / Double(listed), unit: .kibibytes,
                gate: 2, goal: 0.6, wish: .less, beside: "\(bytes / listed) bytes of JSON"),
        ]
    }

    private static func start(_ workshop: Workshop, _ state: String) async throws -> Row {
        var samples = Samples()
        for _ in 0..<5 {
            let start = Stopwatch.now
            let server = try await Server.start(workshop, state: state)
            samples.add((Stopwatch.now - start) * 1000)
            try await server.stop()
        }
        return Row(
            name: "start → ready, \(grouped(Double(listed))) objects", value: samples.quantile(0.5),
            unit: .milliseconds,
            gate: 300, wish: .less, beside: "twice the objects that the gate is for")
    }

    // MARK: Requests

    private static func create(_ name: String) -> APIRequest {
        let text =
            "some three hundred bytes of text, about what the spec of a small object takes as JSON, say of one task"
        return APIRequest(
            .post, path,
            body: JSON.encode([
                "apiVersion": "v1", "kind": "ConfigMap",
                "metadata": ["name": .string(name), "labels": ["bench": "yes"]],
                "data": ["one": .string(text), "two": .string(text), "three": .string(text)],
            ]))
    }

    private static func patch(_ name: String, _ turn: Int) -> APIRequest {
        APIRequest(
            .patch, path + "/" + name, contentType: "application/merge-patch+json",
            body: JSON.encode(["data": ["turn": .string(String(turn))]]))
    }

    private static func bareSyncs(_ directory: String) throws -> Double {
        let file = try Descriptor.open(directory + "/raw", [.write, .create, .append])
        let bytes = [UInt8](repeating: UInt8(ascii: "x"), count: 600)
        var syncs = 0
        let start = Stopwatch.now
        while Stopwatch.now < start + 1 {
            try file.writeAll(bytes)
            guard fdatasync(file.raw) == 0 else { throw SystemError("fdatasync", directory) }
            syncs += 1
        }
        return Double(syncs) / (Stopwatch.now - start)
    }
}
