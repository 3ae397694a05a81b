import Model
import Testing

struct PlanGraphTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let because: String
        let spec: ExecutionPlanSpec
        let complaints: [String]
        var testDescription: String { because }
    }

    static let cases: [Case] = [
        Case(
            because: "a chain has no cycle", spec: .plan(tasks: [.task("a"), .task("b", after: ["a"])]),
            complaints: []),
        Case(
            because: "a diamond has no cycle",
            spec: .plan(tasks: [
                .task("a"), .task("b", after: ["a"]), .task("c", after: ["a"]),
                .task("d", after: ["b", "c"]),
            ]), complaints: []),
        Case(
            because: "two tasks for each other",
            spec: .plan(tasks: [.task("a", after: ["b"]), .task("b", after: ["a"])]),
            complaints: ["spec.tasks[0].dependsOn: waits for itself: a → b → a"]),
        Case(
            because: "the path begins with what stands first, wherever it was found",
            spec: .plan(tasks: [
                .task("z", after: ["c"]), .task("a", after: ["b"]), .task("b", after: ["c"]),
                .task("c", after: ["a"]),
            ]), complaints: ["spec.tasks[1].dependsOn: waits for itself: a → b → c → a"]),
        Case(
            because: "each of two cycles is told once",
            spec: .plan(
                .region("r", .task("a", after: ["b"]), .task("b", after: ["a"])),
                tasks: [.task("c", after: ["d"]), .task("d", after: ["c", "a"])]),
            complaints: [
                "spec.regions[0].tasks[0].dependsOn: waits for itself: a → b → a",
                "spec.tasks[0].dependsOn: waits for itself: c → d → c",
            ]),
        Case(
            because: "itself is told as such", spec: .plan(tasks: [.task("a", after: ["a"])]),
            complaints: ["spec.tasks[0].dependsOn[0]: task \"a\" can't depend on itself"]),
        Case(
            because: "a point after the very task that waits for it",
            spec: .plan(
                .region("r", .task("a", waits: ["p"])), .region("s", .task("b")),
                points: [.point("p", ["r", "s"], after: ["a"])]),
            complaints: [
                "spec.regions[0].tasks[0].waitFor: waits for itself: a → p → a; name the tasks a point waits for in its `after`"
            ]),
        Case(
            because: "a point after a task behind the one that waits",
            spec: .plan(
                .region("r", .task("a", waits: ["p"]), .task("b", after: ["a"])),
                points: [.point("p", ["r"], after: ["b"])]),
            complaints: [
                "spec.regions[0].tasks[0].waitFor: waits for itself: a → p → b → a; name the tasks a point waits for in its `after`"
            ]),
        Case(
            because: "a point without `after` leaves out what waits for it, directly or through others",
            spec: .plan(
                .region("r", .task("a"), .task("b", waits: ["p"]), .task("c", after: ["b"])),
                points: [.point("p", ["r"])]),
            complaints: []),
        Case(
            because: "phases in a row, told by points alone",
            spec: .plan(
                .region("r", .task("a"), .task("b", waits: ["p"]), .task("c", after: ["b"], waits: ["q"])),
                points: [.point("p", ["r"]), .point("q", ["r"])]),
            complaints: []),
        Case(
            because: "two points without `after` that wait for each other's tasks",
            spec: .plan(
                .region("r", .task("a", waits: ["p"]), .task("b", waits: ["q"])),
                points: [.point("p", ["r"]), .point("q", ["r"])]),
            complaints: [
                "spec.regions[0].tasks[0].waitFor: waits for itself: a → p → b → q → a; name the tasks a point waits for in its `after`"
            ]),
        Case(
            because: "regions that wait across each other",
            spec: .plan(
                .region("r", .task("a", waits: ["q"]), .task("x")), .region("s", .task("b", waits: ["p"])),
                points: [.point("p", ["r"], after: ["a"]), .point("q", ["s"], after: ["b"])]),
            complaints: [
                "spec.regions[0].tasks[0].waitFor: waits for itself: a → q → b → p → a; name the tasks a point waits for in its `after`"
            ]),
        Case(
            because: "an unknown point may be a SyncPoint object",
            spec: .plan(tasks: [.task("a", waits: ["elsewhere"])]), complaints: []),
    ]

    @Test("Cycles", arguments: cases)
    func cycles(_ sample: Case) {
        #expect(sample.spec.complaints == sample.complaints, "\(sample.because)")
    }

    @Test func whoMustArrive() {
        let graph = PlanGraph(
            .plan(
                .region("r", .task("a"), .task("b", after: ["a"]), .task("c", waits: ["all"])),
                .region("s", .task("d"), .task("e", after: ["c"])), tasks: [.task("f")],
                points: [.point("named", ["r", "s"], after: ["b", "f"]), .point("all", ["r", "s"])]))
        #expect(graph.awaited(by: "named", region: "r") == ["b"], "its own of the named tasks")
        #expect(graph.awaited(by: "named", region: "s") == ["b", "f"], "it owns none: all of them")
        #expect(graph.awaited(by: "all", region: "r") == ["a", "b"], "what does not wait for the point")
        #expect(graph.awaited(by: "all", region: "s") == ["d"], "e waits for c, which waits for the point")
        #expect(graph.awaited(by: "none", region: "r") == [])
    }

    @Test func aPlanOfTwoThousandTasksInOneChainIsChecked() {
        var tasks = (0..<2000).map { PlanTask.task("t\($0)", after: $0 == 0 ? [] : ["t\($0 - 1)"]) }
        #expect(ExecutionPlanSpec.plan(tasks: tasks).complaints == [])
        tasks[0].dependsOn = ["t1999"]
        let complaints = ExecutionPlanSpec.plan(tasks: tasks).complaints
        #expect(complaints.count == 1)
        #expect(
            complaints.first?.hasPrefix("spec.tasks[0].dependsOn: waits for itself: t0 → t1999 → t1998")
                == true)
        tasks.append(.task("more"))
        #expect(
            ExecutionPlanSpec.plan(tasks: tasks).complaints == [
                "spec: 2001 tasks; a plan holds at most 2000, split it"
            ])
    }
}
