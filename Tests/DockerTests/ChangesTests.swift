import Ports
import Testing

@testable import Docker

struct ChangesTests {
    @Test("An event counts whatever the engine's clock says, and a stream that begins again repeats none")
    func clocks() async throws {
        let line = { (time: Int) in #"{"Type":"container","Action":"die","timeNano":\#(time)}"# + "\n" }
        let engine = CannedEngine([("/events", .init(body: line(9) + line(9) + "no event\n" + line(4)))])
        let provider = try BadAnswerTests.provider(engine)
        for expected in [[ProviderNews.following, .changed, .changed], [.following, .changed, .changed]] {
            let (news, tell) = AsyncStream.makeStream(of: ProviderNews.self)
            await provider.follow { tell.yield($0) }
            tell.finish()
            #expect(await news.reduce(into: []) { $0.append($1) } == expected)
        }
        #expect(engine.queries("/events").last?.contains("since=0.000000004&") == true)
    }

    private static func death(_ action: String, code: Int) -> String {
        let labels =
            #""reconcile.dev/cluster":"cluster-a","reconcile.dev/worker-uid":"u-1","reconcile.dev/slot":"3","reconcile.dev/attempt":"2""#
        return
            #"{"Type":"container","Action":"\#(action)","Actor":{"ID":"c1","Attributes":{\#(labels),"exitCode":"\#(code)"}},"timeNano":7}"#
            + "\n"
    }

    private static func news(_ engine: CannedEngine) async throws -> [ProviderNews] {
        let provider = try BadAnswerTests.provider(engine)
        let (news, tell) = AsyncStream.makeStream(of: ProviderNews.self)
        await provider.follow { tell.yield($0) }
        tell.finish()
        return await news.reduce(into: []) { $0.append($1) }
    }

    @Test("The end of a container is told at once with its reason, by the container itself")
    func deaths() async throws {
        let inspected =
            #"{"Id":"c1","State":{"Status":"exited","ExitCode":137,"OOMKilled":true},"Config":{"Labels":{"reconcile.dev/cluster":"cluster-a","reconcile.dev/worker-uid":"u-1","reconcile.dev/slot":"3","reconcile.dev/attempt":"2"}}}"#
        let told = try await Self.news(
            CannedEngine([
                ("/events", .init(body: Self.death("die", code: 137))), ("/containers/c1/json", .init(body: inspected)),
            ]))
        guard case .observed(let seen)? = told.dropFirst().first else {
            Issue.record("nothing was told of the end: \(told)")
            return
        }
        #expect(seen.state == .exited(code: 137, signal: 9))
        #expect(seen.explanation?.contains("memory") == true)
        #expect((seen.workerUID, seen.slot, seen.attempt) == ("u-1", 3, 2))
    }

    @Test("Where the container can't be asked any more, the event's own word stands")
    func goneDeaths() async throws {
        for (status, body) in [(404, #"{"message":"No such container"}"#), (500, "oops"), (200, "{")] {
            let told = try await Self.news(
                CannedEngine([
                    ("/events", .init(body: Self.death("die", code: 3))),
                    ("/containers/c1/json", .init(status: status, body: body)),
                ]))
            guard case .observed(let seen)? = told.dropFirst().first else {
                Issue.record("nothing was told of the end: \(told)")
                continue
            }
            #expect(seen.state == .exited(code: 3, signal: nil))
        }
    }
}
