/// `reconcile --once` on a state where the e-commerce plan has run already: nothing to do, found out from scratch.
enum ConvergedOnce {
    private static let example = "manifests/examples/ecommerce"
    private static let rounds = 5

    static func measure(_ workshop: Workshop) throws -> [Row] {
        let reconcile = try workshop.program("reconcile")
        let state = try workshop.place("once")
        let arguments = [reconcile, "--once", "-f", example, "--local", "--wait", "--state", state]
        let first = try Tool.check(arguments)
        var samples = Samples()
        for _ in 0..<rounds { samples.add(try Tool.check(arguments).wall) }
        var starts = Samples()
        for _ in 0..<rounds { starts.add(try Tool.check([reconcile, "version"]).wall * 1000) }
        return [
            Row(
                name: "--once on a converged e-commerce state", value: samples.quantile(0.5), unit: .seconds, gate: 1,
                wish: .less,
                beside:
                    "its first run \(short(first.wall)) s; starting the program alone \(short(starts.quantile(0.5))) ms"
            )
        ]
    }
}
