import Engine
import Model
import Preview
import Testing

/// How long graphs take: what is ready competes for each slot in the moment it comes free, the longest path first.
@Suite struct GraphTests {
    struct Graph: Sendable, CustomTestStringConvertible {
        let name: String
        let slots: Int
        /// Minutes each, and the tasks each waits for, all of them listed before it.
        let minutes: [Int]
        let after: [[Int]]
        var testDescription: String { "\(name) on \(slots)" }

        /// The time that list scheduling takes, the longest path first.
        var bound: Int {
            var path = minutes
            for task in minutes.indices.reversed() {
                for before in after[task] { path[before] = max(path[before], minutes[before] + path[task]) }
            }
            var ends = [Int?](repeating: nil, count: minutes.count)
            var now = 0
            while true {
                let running = ends.count { $0.map { $0 > now } ?? false }
                let ready = minutes.indices.filter { task in
                    ends[task] == nil && after[task].allSatisfy { ends[$0].map { $0 <= now } ?? false }
                }
                let first = ready.sorted { path[$0] != path[$1] ? path[$0] > path[$1] : $0 < $1 }
                for task in first.prefix(slots - running) { ends[task] = now + minutes[task] }
                guard let next = ends.compactMap({ $0 }).filter({ $0 > now }).min() else { return now }
                now = next
            }
        }

        var text: String {
            minutes.indices.map { task in
                let names = after[task].map { "t\($0)" }.joined(separator: ", ")
                return "        - {name: t\(task), run: {command: [go]}, estimatedDuration: \(minutes[task])m, "
                    + "dependsOn: [\(names)]}"
            }.joined(separator: "\n")
        }

        /// A task every some minutes, each after up to three of those listed before it.
        static func drawn(_ seed: UInt64, tasks: Int, slots: Int, span: Int) -> Graph {
            var random = Randomness(seed: seed)
            func pick(_ count: Int) -> Int { Int(random.below(UInt64(count))) }
            var minutes: [Int] = []
            var after: [[Int]] = []
            for task in 0..<tasks {
                minutes.append(1 + pick(30))
                let before = (0..<pick(4)).map { _ in task - 1 - pick(span) }.filter { $0 >= 0 }
                after.append(Set(before).sorted())
            }
            return Graph(name: "drawn \(seed)", slots: slots, minutes: minutes, after: after)
        }

        /// Short ones listed before a chain that decides how long it takes.
        static func behind(_ short: Int, chain: Int, slots: Int) -> Graph {
            Graph(
                name: "\(short) before a chain of \(chain)", slots: slots,
                minutes: Array(repeating: 1, count: short + chain),
                after: (0..<short + chain).map { $0 > short ? [$0 - 1] : [] })
        }

        /// Waves that each end in one task that the next wave waits for.
        static func waves(_ count: Int, wide: Int, slots: Int) -> Graph {
            var after: [[Int]] = []
            for wave in 0..<count {
                let gate = wave * (wide + 1) - 1
                for _ in 0..<wide { after.append(wave == 0 ? [] : [gate]) }
                after.append(Array(after.count - wide..<after.count))
            }
            let minutes = after.indices.map { 1 + $0 * 7 % 11 }
            return Graph(name: "waves", slots: slots, minutes: minutes, after: after)
        }
    }

    @Test(arguments: [
        Graph.behind(160, chain: 10, slots: 16), .behind(40, chain: 20, slots: 3), .waves(5, wide: 12, slots: 4),
        .drawn(1, tasks: 60, slots: 2, span: 60), .drawn(2, tasks: 60, slots: 5, span: 10),
        .drawn(3, tasks: 60, slots: 8, span: 5), .drawn(4, tasks: 60, slots: 3, span: 20),
    ])
    func aGraphTakesWhatListSchedulingTakes(_ graph: Graph) throws {
        let report = Preview.run(
            try Inputs.request(
                ScaleTests.plan(graph.text, pool: "minWorkers: 1, maxWorkers: 1", slots: graph.slots)))
        let end = try #require(report.end)
        let bound = Duration.minutes(Int64(graph.bound))
        #expect(end * 10 <= bound * 11, "\(end.text) for \(bound.text)")
    }
}
