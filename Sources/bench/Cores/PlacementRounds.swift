import Placement

/// Whole rounds of 10,000 tasks on 5,000 workers, in memory, beside a loop that does the least any scheduler has to:
/// find a worker with the capability and a free slot, and write the pair down.
enum PlacementRounds {
    private static let rounds = 5

    static func measure(_ workshop: Workshop) throws -> [Row] {
        let floor = Double(PlacementCase.tasks) / Stopwatch.best(of: rounds, bareGreedy)
        var rows = PlacementCase.plain.map { example in
            row("placement, \(example.name)", rate(example), "greedy loop over arrays \(grouped(floor))/s")
        }
        let hard = PlacementCase.hard.map { (name: $0.name, rate: rate($0)) }
        if let hardest = hard.min(by: { $0.rate < $1.rate }) {
            rows.append(row("placement, hardest of \(hard.count)", hardest.rate, hardest.name))
        }
        return rows
    }

    private static func row(_ name: String, _ rate: Double, _ beside: String) -> Row {
        Row(name: name, value: rate, unit: .perSecond, gate: 100_000, goal: 500_000, beside: beside)
    }

    private static func rate(_ example: PlacementCase) -> Double {
        let input = example.input()
        let seconds = Stopwatch.best(of: rounds) { Stopwatch.cpu { Round.decide(input).bindings.count }.seconds }
        return Double(PlacementCase.tasks) / seconds
    }

    private static func bareGreedy() -> Double {
        let offers = (0..<PlacementCase.workers).map { UInt8(($0 % 50).isMultiple(of: 2) ? 0b101 : 0b110) }
        var free = [Int](repeating: 4, count: PlacementCase.workers)
        var bindings: [(task: Int, worker: Int)] = []
        bindings.reserveCapacity(PlacementCase.tasks)
        let (seconds, _) = Stopwatch.cpu {
            var next = 0
            for task in 0..<PlacementCase.tasks {
                let wanted: UInt8 = [0b001, 0b010, 0b100][task / 10 % 20 % 3]
                for step in 0..<PlacementCase.workers {
                    let worker = (next + step) % PlacementCase.workers
                    guard free[worker] > 0, offers[worker] & wanted != 0 else { continue }
                    free[worker] -= 1
                    bindings.append((task, worker))
                    next = worker + 1
                    break
                }
            }
        }
        precondition(bindings.count == PlacementCase.tasks, "the floor places everything")
        return seconds
    }
}
