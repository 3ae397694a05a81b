import Model
import Storage

/// One run of one scenario, and what became of it.
package struct SeedRun: Sendable {
    package let scenario: Scenario
    package let violation: Violation?
    package let hash: UInt64
    package let steps: Int
    package let commits: UInt64
    /// From the end of the faults to convergence.
    package let convergence: Duration?
    package let virtualTime: Duration
    package let trace: [String]
    /// What was reached, and how often.
    package let marks: [String: Int]

    /// `explains`: the trace also says what every controller was told and asked for.
    package init(_ scenario: Scenario, tracing: Bool = false, explains: Bool = false) {
        var world = World(scenario, tracing: tracing || explains)
        world.explains = explains
        world.run()
        self.scenario = scenario
        violation = world.violation
        hash = world.trace.hash
        steps = world.trace.steps
        commits = world.store.version
        convergence = world.convergenceTime
        virtualTime = world.now - .origin
        trace = world.trace.lines
        marks = world.witness.marks
    }
}
