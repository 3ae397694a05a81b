import Model
import Testing
import Tree

struct PlanValidationTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let because: String
        let spec: ExecutionPlanSpec
        let complaints: [String]
        var testDescription: String { because }
    }

    static let nameCases: [Case] = [
        Case(
            because: "a name is unique in the whole plan",
            spec: .plan(.region("r", .task("a")), tasks: [.task("a")]),
            complaints: [
                "spec.tasks[0].name: task \"a\" is already at spec.regions[0].tasks[0]; names are unique in the whole plan"
            ]),
        Case(
            because: "a dependency that is not there, with the one that was meant",
            spec: .plan(tasks: [.task("shopping-cart"), .task("checkout", after: ["shoping-cart"])]),
            complaints: [
                "spec.tasks[1].dependsOn[0]: no task \"shoping-cart\" in this plan; did you mean \"shopping-cart\"?"
            ]),
        Case(
            because: "a region once", spec: .plan(.region("r", .task("a")), .region("r", .task("b"))),
            complaints: [
                "spec.regions[1].region: region \"r\" is listed twice; put its tasks under one entry"
            ]),
        Case(
            because: "a point names a region the plan lacks, and a task it lacks",
            spec: .plan(
                .region("us-east-1", .task("build")), points: [.point("p", ["us-east-2"], after: ["biuld"])]),
            complaints: [
                "spec.synchronization.points[0].regions[0]: no work in region \"us-east-2\", so it never "
                    + "arrives; did you mean \"us-east-1\"?",
                "spec.synchronization.points[0].after[0]: no task \"biuld\" in this plan; did you mean \"build\"?",
            ]),
        Case(
            because: "a point twice",
            spec: .plan(.region("r", .task("a")), points: [.point("p", ["r"]), .point("p", ["r"])]),
            complaints: ["spec.synchronization.points[1].name: point \"p\" is there twice"]),
        Case(
            because: "a point for nobody", spec: .plan(points: [.point("p", [])]),
            complaints: [
                "spec.synchronization.points[0]: a point needs somebody to wait for: regions, plans or externals"
            ]),
    ]

    static let runCases: [Case] = [
        Case(
            because: "nothing to execute", spec: .plan(tasks: [.task("a").with { $0.run.command = [] }]),
            complaints: ["spec.tasks[0].run.command: a task needs a command, such as [sh, -c, \"make\"]"]),
        Case(
            because: "the command of its image",
            spec: .plan(tasks: [
                .task("a").with {
                    $0.run.command = []
                    $0.run.image = "tool:1"
                }
            ]), complaints: []),
        Case(
            because: "a limit of no time", spec: .plan(tasks: [.task("a").with { $0.timeout = .zero }]),
            complaints: ["spec.tasks[0].timeout: must be longer than 0s; leave it out for no limit"]),
        Case(
            because: "an external that can't be checked",
            spec: .plan(
                {
                    var region = PlanRegion.region("r")
                    region.externals = [External()]
                    region.externals[0].endpoint = "db:3306"
                    return region
                }()),
            complaints: [
                "spec.regions[0].externals[0].endpoint: \"db:3306\" can't be checked: write tcp://HOST:PORT, http://… or https://…"
            ]),
        Case(
            because: "a template's lease, and its region",
            spec: .plan(
                {
                    var region = PlanRegion.region("r")
                    region.poolTemplate = WorkerPoolSpec()
                    region.poolTemplate?.region = "s"
                    region.poolTemplate?.lease.lostAfter = .seconds(5)
                    return region
                }()),
            complaints: [
                "spec.regions[0].poolTemplate.lease.lostAfter: must be at least three times renew (6s), or one lost report "
                    + "ends a worker",
                "spec.regions[0].poolTemplate.region: must not be set: the pool is made in r",
            ]),
    ]

    @Test("Names", arguments: nameCases)
    func names(_ sample: Case) {
        #expect(sample.spec.complaints == sample.complaints, "\(sample.because)")
    }

    @Test("Runs", arguments: runCases)
    func runs(_ sample: Case) {
        #expect(sample.spec.complaints == sample.complaints, "\(sample.because)")
    }

    @Test(
        "Outputs that a task may read",
        arguments: [
            ("${tasks.build.outputs.image}", true, nil, "an ancestor's, in env"),
            ("v-${tasks.build.outputs.image}-x", true, nil, "within the value of a variable"),
            (
                "${tasks.other.outputs.image}", true,
                "add \"other\" to dependsOn, or its outputs may not be there yet",
                "no ancestor"
            ),
            (
                "${tasks.biuld.outputs.image}", true,
                "no task \"biuld\" in this plan; did you mean \"build\"?", "a typo"
            ),
            (
                "${tasks.build.outputs.imag}", true,
                "task \"build\" lists no output \"imag\"; did you mean \"image\"?",
                "a key that is not declared"
            ),
            (
                "${tasks.build.image}", true, "is no reference: write ${tasks.NAME.outputs.KEY}",
                "not of the form"
            ),
            (
                "${tasks.build.outputs.image", true, "is no reference: write ${tasks.NAME.outputs.KEY}",
                "no end"
            ),
            ("${HOME}", true, nil, "no business of ours"),
            ("${tasks.build.outputs.image}", false, nil, "a whole argument"),
            (
                "x${tasks.build.outputs.image}", false,
                "an output must be a whole argument; set it in `env` and use the variable instead",
                "part of an argument"
            ),
        ])
    func outputs(_ text: String, inEnv: Bool, _ complaint: String?, because: String) {
        var reader = PlanTask.task("deploy", after: ["test"])
        if inEnv {
            var variable = EnvironmentVariable()
            variable.name = "IMAGE"
            variable.value = text
            reader.run.env = [variable]
        } else {
            reader.run.command = ["deploy", text]
        }
        let spec = ExecutionPlanSpec.plan(tasks: [
            .task("build").with { $0.outputs = ["image"] }, .task("test", after: ["build"]), .task("other"),
            reader,
        ])
        let complaints = spec.complaints
        #expect(complaints.count == (complaint == nil ? 0 : 1), "\(because)")
        if let complaint {
            #expect(complaints.first?.hasSuffix(complaint) == true, "\(because): \(complaints)")
        }
    }

    @Test(
        "An output is never text that a shell runs, nor the program",
        arguments: [
            (["sh", "-c", "$X"], 2, true), (["/bin/bash", "-ec", "$X"], 2, true),
            (["sh", "-c", "echo \"$1\"", "-", "$X"], 4, false),
            (["$X"], 0, true), (["make", "-c", "$X"], 2, false), (["bash", "script", "$X"], 2, false),
        ])
    func shells(_ words: [String], _ index: Int, refused: Bool) {
        var words = words
        words[index] = "${tasks.a.outputs.k}"
        let spec = ExecutionPlanSpec.plan(tasks: [
            .task("a").with { $0.outputs = ["k"] }, .task("b", after: ["a"]).with { $0.run.command = words },
        ])
        #expect(spec.complaints.isEmpty != refused)
    }

    @Test func referencesAreReplaced() {
        let text = "a ${tasks.x.y.outputs.k-1} b ${tasks.z.outputs.k} ${OTHER}"
        #expect(OutputReference.all(in: text).map(\.task) == ["x.y", "z"])
        #expect(OutputReference.substitute(text) { "<\($0.task)>" } == "a <x.y> b <z> ${OTHER}")
        #expect(
            OutputReference.substitute(text) { $0.task == "z" ? "v" : nil } == nil, "one has no value yet")
        #expect(OutputReference.substitute("é$") { _ in nil } == "é$")
    }
}

struct OtherKindsValidationTests {
    @Test(
        "What each kind refuses beyond its schema",
        arguments: [
            (.region, ["provider": ["local": [:]]], []),
            (
                .region,
                ["provider": ["local": [:]], "availability": "1.1", "location": ["latitude": "-91"]],
                [
                    "spec.availability: \"1.1\" is not from \"0\" to \"1\"",
                    "spec.location.latitude: \"-91\" is not from \"-90\" to \"90\"",
                ]
            ),
            (
                .workerPool, ["region": "a", "minWorkers": 3, "maxWorkers": 2],
                ["spec: minWorkers must not exceed maxWorkers"]
            ),
            (
                .workerPool, ["region": "a", "lease": ["renew": "2s", "lostAfter": "5s"]],
                [
                    "spec.lease.lostAfter: must be at least three times renew (6s), or one lost report ends a worker"
                ]
            ),
            (.workerPool, ["region": "a", "lease": ["renew": "4s", "lostAfter": "12s"]], []),
            (
                .workerPool, ["region": "a", "lease": ["renew": "0s"]],
                ["spec.lease.renew: must be at least 100ms"]
            ),
            (
                .workerPool,
                [
                    "region": "a",
                    "worker": [
                        "env": [["name": "A", "value": "b", "secretRef": ["name": "c", "key": "d"]]]
                    ],
                ],
                ["spec.worker.env[0]: set value or secretRef, not both"]
            ),
            (.workerPool, ["region": 1], ["spec.region: expected string, got integer"]),
            (.syncPoint, [:], ["spec.participants: a point needs somebody to wait for"]),
            (
                .syncPoint,
                ["participants": [["region": "a"], ["external": "b"], ["external": "b"]], "quorum": 4],
                [
                    "spec.participants[0].region: region \"a\" arrives by a plan's tasks: set spec.plan",
                    "spec.participants[2]: external/b is there twice",
                    "spec.quorum: 4 of 3 parties can never arrive",
                ]
            ),
            (
                .syncPoint, ["plan": "p", "participants": [["plan": "p"]]],
                ["spec.participants[0].plan: the point's own plan takes part by its regions"]
            ),
            (
                .syncPoint,
                ["participants": [["external": "b"]], "communication": ["method": "MessageQueue"]],
                ["spec.communication.queue: method MessageQueue needs the name of a queue"]
            ),
            (.lease, ["anything": "goes"], []),
        ] as [(Kind, Tree, [String])])
    func refuses(_ kind: Kind, _ spec: Tree, _ complaints: [String]) {
        #expect(semanticIssues(kind: kind, tree: ["spec": spec]).map(\.description) == complaints)
    }
}
