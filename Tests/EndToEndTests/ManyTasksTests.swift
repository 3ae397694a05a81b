import Testing
import Tree

/// More tasks than any one answer holds: every verb that lists shows them all, whoever answers.
@Suite(.crowd)
struct ManyTasksTests {
    private static let counts = [1667, 1667, 1666]

    private static func rows(_ outcome: Outcome) -> Int {
        outcome.output.split(separator: "\n").count { $0.hasPrefix("many") }
    }

    @Test("5,000 tasks in three plans are 5,000 rows: over the socket, over the network, and from the state alone")
    func all() async throws {
        let site = try Site()
        let served = try await site.serve()
        try await site.apply("place.yaml", Manifest.region(), Manifest.pool(workers: 0))
        for (number, count) in Self.counts.enumerated() {
            let tasks = (0..<count).map { Manifest.task("t\($0)", "[\"true\"]") }
            try await site.apply("many\(number).yaml", Manifest.plan("many\(number)", spec: "suspend: true", tasks))
        }
        for (number, count) in Self.counts.enumerated() {
            try await site.await("xplan/many\(number)", "is unfolded", within: .seconds(300)) {
                $0["status"]?["counts"]?["pending"]?.int == Int64(count)
            }
        }
        let words = ["get", "xtask", "--no-headers"]
        for (place, outcome) in [
            ("socket", try await site.run(words, within: .seconds(120))),
            ("network", try await site.remotely(words, within: .seconds(120))),
        ] {
            #expect(outcome.code == 0 && Self.rows(outcome) == 5_000, "\(place): \(Self.rows(outcome)) rows")
        }
        try await site.kill9(served)
        let outcome = try await site.run(words, within: .seconds(120))
        #expect(outcome.code == 0 && Self.rows(outcome) == 5_000, "the state alone: \(Self.rows(outcome)) rows")
    }
}
