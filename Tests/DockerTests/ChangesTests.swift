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
}
