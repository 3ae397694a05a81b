import Model
import Testing
import Tree

@testable import Commands

/// Objects whose every free string tries to draw on the terminal, to begin a row or to speak to a CI system.
@Suite struct HostileTextTests {
    /// As YAML writes it in double quotes.
    private static let venom = #"\e]0;owned\a\e[2J\x9b31m\r\n::error ::false\nNAME   PHASE\u202egnp\u2028\tz"#

    private static let state = """
        apiVersion: reconcile.dev/v1alpha1
        kind: Region
        metadata: {name: here, annotations: {note: "a\(venom)"}}
        spec: {provider: {local: {}}}
        status: {provider: local, conditions: [{type: Ready, status: "False", reason: "R\(venom)", message: "m\(venom)"}], summary: {workers: "1\(venom)"}}
        ---
        apiVersion: reconcile.dev/v1alpha1
        kind: WorkerPool
        metadata: {name: front, namespace: shop}
        spec: {region: here, minWorkers: 1, maxWorkers: 3}
        status: {choice: "c\(venom)", lastScale: {time: "2026-11-23T17:55:00Z", from: 1, to: 2, reason: "s\(venom)"}}
        ---
        apiVersion: reconcile.dev/v1alpha1
        kind: Worker
        metadata: {name: front-0, namespace: shop}
        spec: {pool: front, region: here, slot: 0, price: {perHour: "0.1", source: "p\(venom)"}}
        status: {state: Failed, healthReason: "h\(venom)", providerID: "i\(venom)", failure: {reason: "r\(venom)", message: "f\(venom)", at: "2026-11-23T17:55:00Z"}}
        ---
        apiVersion: reconcile.dev/v1alpha1
        kind: ExecutionPlan
        metadata: {name: shop, namespace: shop, annotations: {a: "x\(venom)"}}
        spec: {regions: [{region: here, pool: front, tasks: [{name: cart, title: "t\(venom)", run: {command: [sh, -c, "echo\(venom)"]}}]}]}
        status: {observedGeneration: 1, phase: Failed, reason: "r\(venom)", message: "m\(venom)", counts: {total: 1, failed: 1}, startedAt: "2026-11-23T17:55:00Z", conditions: [{type: Failed, status: "True", reason: "r\(venom)", message: "m\(venom)", observedGeneration: 1}]}
        ---
        apiVersion: reconcile.dev/v1alpha1
        kind: Task
        metadata: {name: shop-cart, namespace: shop, labels: {reconcile.dev/plan: shop}, annotations: {a: "x\(venom)"}}
        spec: {plan: shop, task: cart, region: here, run: {command: [sh, -c, "echo\(venom)"], env: [{name: A, value: "v\(venom)"}]}}
        status: {phase: Failed, reason: "r\(venom)", message: "m\(venom)", attempt: 1, startedAt: "2026-11-23T17:55:05Z", finishedAt: "2026-11-23T17:57:05Z", outputs: {o: "v\(venom)"}, attempts: [{attempt: 1, fence: 1, worker: front-0, region: here, phase: Failed, reason: "r\(venom)", message: "m\(venom)"}]}
        ---
        apiVersion: v1
        kind: ConfigMap
        metadata: {name: shop, namespace: shop}
        data: {k: "v\(venom)"}
        ---
        apiVersion: v1
        kind: Event
        metadata: {name: shop.1, namespace: shop}
        involvedObject: {kind: "Execution\(venom)", name: shop, namespace: shop}
        reason: "r\(venom)"
        message: "m\(venom)"
        type: Normal
        lastTimestamp: "2026-11-23T17:55:00Z"
        """

    private static let commands: [[String]] = [
        ["get", "reconcile", "-o", "wide"], ["get", "xtask", "-o", "wide", "--show-labels"],
        ["get", "events", "-o", "wide"],
        ["describe", "xplan", "shop"], ["describe", "xtask", "shop-cart"], ["describe", "wkr", "front-0"],
        ["describe", "wpool", "front"], ["describe", "rgn", "here"], ["describe", "configmap", "shop"], ["events"],
        ["events", "xplan/shop"], ["tree", "xplan/shop"], ["top"], ["report", "xplan/shop"],
        ["report", "xplan/shop", "-o", "markdown"], ["logs", "xplan/shop"],
        ["wait", "xplan/shop", "--for=condition=Succeeded", "--timeout", "1s"],
    ]

    @Test(arguments: [Paint.Choice.never, .always])
    func everyVerbShowsTextAsText(_ color: Paint.Choice) async throws {
        let desk = try Desk()
        try await desk.store(Self.state)
        for command in Self.commands {
            let answer = await desk.run(command + ["-n", "shop", "--color", color.rawValue])
            Self.check(answer.out + answer.err, command.joined(separator: " "))
        }
    }

    @Test func errorsAndNamesThatWereTypedToo() async throws {
        let desk = try Desk()
        let venom = "x\u{1B}[2J\n::error ::y\u{202E}"
        try desk.write("bad.yaml", "kind: \"a\(Self.venom)\"\nmetadata: {name: b}\n")
        for command in [
            ["get", venom], ["get", "xplan/\(venom)"], [venom], ["get", "--\(venom)"],
            ["apply", "-f", "/none/\(venom)"],
            ["apply", "-f", "$DIR/bad.yaml"], ["wait", "xplan/a", "--for=\(venom)"],
            ["plan", "--simulate-failure", venom],
        ] {
            let answer = await desk.run(command)
            #expect(answer.code != 0)
            Self.check(answer.out + answer.err, command.joined(separator: " "))
        }
    }

    /// What our own painting writes is taken out first: `ESC [ number m`.
    private static func check(_ text: String, _ command: String) {
        let plain = text.replacing(/\u{1B}\[[0-9]{1,2}m/, with: "")
        for scalar in plain.unicodeScalars where scalar != "\n" {
            switch scalar.properties.generalCategory {
            case .control, .format, .lineSeparator, .paragraphSeparator:
                Issue.record(
                    "\(command): U+\(String(scalar.value, radix: 16)) in \(plain.debugDescription.prefix(2000))")
                return
            default: break
            }
        }
        let rows = plain.split(separator: "\n")
        #expect(!rows.contains { $0.hasPrefix("::error") || $0.hasPrefix("NAME   PHASE") }, "\(command)")
    }
}
