/// Seeds that `simulate` gets through in a second of one core, each in all its worlds.
enum SimulatorSpeed {
    private static let trial = 20
    private static let seconds = 5.0

    static func measure(_ workshop: Workshop) throws -> [Row] {
        let simulate = try workshop.program("simulate")
        let first = try Tool.check([simulate, "--seeds", "1..\(trial)"])
        let seeds = min(5000, max(trial, Int(Double(trial) / max(first.cpu, 0.001) * seconds)))
        let run = try Tool.check([simulate, "--seeds", "1..\(seeds)"])
        let said = run.output.split(separator: "\n").last.map(String.init) ?? ""
        return [
            Row(
                name: "simulator, seeds", value: Double(seeds) / run.cpu, unit: .perSecond, gate: 200,
                beside: said.split(separator: ",").prefix(3).joined(separator: ","))
        ]
    }
}
