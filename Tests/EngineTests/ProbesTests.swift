import Testing

@testable import Engine

@Suite struct ProbesTests {
    @Test func oneIsUnderWayForEachTargetAndTheOthersWaitTheirTurnOnce() {
        var probes = Probes()
        var asked = probes.ask("http://shop:80/a")
        #expect(asked)
        asked = probes.ask("http://shop:80/a")
        #expect(!asked, "it is under way")
        for _ in 0..<100 {
            let others = [probes.ask("http://SHOP/b"), probes.ask("tcp://shop:80")]
            #expect(others == [false, false])
        }
        asked = probes.ask("https://shop/b")
        #expect(asked, "another port is another target")
        let next = [
            probes.answered("http://shop:80/a"), probes.answered("http://SHOP/b"), probes.answered("tcp://shop:80"),
        ]
        #expect(next == ["http://SHOP/b", "tcp://shop:80", nil])
        asked = probes.ask("http://shop:80/a")
        #expect(asked, "nothing is under way any more")
    }

    @Test(arguments: [
        ("http://a/x", "a:80"), ("https://A?y", "a:443"), ("tcp://b:5432", "b:5432"), ("http://u:p@c:8/", "c:8"),
        ("http://[::1]/", "[::1]:80"), ("http://[::1]:9/", "[::1]:9"), ("tcp://d", "d"),
    ]) func aTargetIsHostAndPort(endpoint: String, target: String) { #expect(Probes.target(of: endpoint) == target) }
}
