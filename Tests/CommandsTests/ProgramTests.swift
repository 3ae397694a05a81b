import Commands
import Model
import Testing

@Suite struct ProgramTests {
    @Test func verbsAreSuggested() async throws {
        let desk = try Desk()
        let answer = await desk.run("aply", "-f", "x")
        #expect(answer.err == "error: unknown command \"aply\"\nDid you mean `reconcile apply`?\n")
        #expect(answer.code == 1)
        #expect(
            await desk.run("frobnicate").err
                == "error: unknown command \"frobnicate\"\n`reconcile --help` lists the commands.\n")
        #expect(
            await desk.run("-f", "x").err
                == "error: no verb given\nName a verb, or add --once; `reconcile --help` lists them.\n")
    }

    @Test func wrongUsageIsOne() async throws {
        let desk = try Desk()
        for words in [
            ["get"], ["get", "rgn", "--nonsense"], ["scale", "wpool/x"], ["wait", "rgn/x"],
            ["get", "rgn", "-o", "xml"],
        ] {
            let answer = await desk.run(words)
            #expect(answer.code == 1, "\(words): \(answer.err)")
            #expect(answer.err.hasPrefix("error: "), "\(words): \(answer.err)")
            #expect(answer.out.isEmpty)
        }
        #expect(await desk.run("get", "rgn", "--selectr", "a=b").err.contains("Did you mean '--selector'?"))
    }

    @Test func helpIsDataAndNamesTheExitCodes() async throws {
        let desk = try Desk()
        for words in [["--help"], [], ["help"]] {
            let answer = await desk.run(words)
            #expect(answer.code == 0)
            #expect(
                answer.out.hasPrefix("OVERVIEW: Runs work across many places at once and keeps it running.\n"),
                "\(words)")
            #expect(answer.out.contains("EXIT CODES"))
        }
        let verbs = [
            "serve", "apply", "plan", "diff", "validate", "get", "describe", "logs", "events", "tree", "top", "wait",
            "scale", "delete",
            "suspend", "resume", "cancel", "arrive", "report", "sweep", "crds", "doctor", "completion", "version",
            "maintenance",
        ]
        let root = await desk.run("--help").out
        for verb in verbs {
            #expect(root.contains("  \(verb) "), "\(verb) is listed")
            let help = await desk.run(verb, "--help")
            #expect(help.code == 0)
            #expect(help.out.contains("EXIT CODES"), "\(verb)")
            #expect(!help.out.split(separator: "\n").contains { $0.count > 120 }, "\(verb)")
        }
        #expect(await desk.run("--once", "--help").out.contains("5  converged as far as possible"))
    }

    @Test func hiddenVerbsGoThroughUnparsed() async throws {
        let desk = try Desk()
        #expect(await desk.run("guard", "--nonsense", "x").code == 9)
        #expect(await desk.run("worker", "-q").code == 9)
        #expect(desk.runtime.hiddenArguments == [["guard", "--nonsense", "x"], ["worker", "-q"]])
    }

    @Test func optionsMayComeBeforeTheVerb() async throws {
        let desk = try Desk()
        #expect(await desk.run("-n", "shop", "get", "xplan").err == "No resources found in shop namespace.\n")
    }

    @Test func colourFollowsItsRules() async throws {
        let region =
            "apiVersion: reconcile.dev/v1alpha1\nkind: Region\nmetadata: {name: r}\nspec: {provider: {local: {}}}\n"
        let cases: [(environment: [String: String], words: [String], isPainted: Bool, because: String)] = [
            ([:], [], false, "no terminal"),
            (["FORCE_COLOR": "1"], [], true, "forced"),
            (["FORCE_COLOR": "1", "NO_COLOR": "1"], [], false, "NO_COLOR is stronger"),
            (["NO_COLOR": "1"], ["--color", "always"], true, "the option is strongest"),
            (["FORCE_COLOR": "1"], ["--color", "never"], false, "the option is strongest"),
            (["NO_COLOR": "", "FORCE_COLOR": "0"], [], false, "an empty NO_COLOR says nothing"),
        ]
        for test in cases {
            let desk = try Desk(environment: test.environment)
            try await desk.store(region)
            let answer = await desk.run(["get", "rgn"] + test.words)
            #expect(answer.out.contains("\u{1B}[") == test.isPainted, "\(test.because)")
        }
    }

    @Test func smallCommands() async throws {
        let desk = try Desk()
        #expect(await desk.run("version").out == "reconcile 1.2.3 (API reconcile.dev/v1alpha1)\n")
        #expect(
            await desk.run("version", "-o", "json").out
                == "{\n    \"apiVersion\": \"reconcile.dev/v1alpha1\",\n    \"version\": \"1.2.3\"\n}\n")
        #expect(await desk.run("config", "path").out == "/var/lib/reconcile\n")
        #expect(
            await desk.run("config", "view", "--state", "/s").out
                == "SETTING   VALUE   FROM\nstate     /s      --state\n")
        #expect(await desk.run("serve", "--stop").err == "stopped the controller (process 7)\n")
        #expect(await desk.run("serve", "--stop", "--state", "/none").err == "no controller runs on this state\n")
        let serve = await desk.run("serve", "--bind-address", "127.0.0.1:7000")
        #expect(serve.code == 130)
        #expect(serve.err.contains("API: https://127.0.0.1:7000\nkubectl: export KUBECONFIG=/state/kubeconfig\n"))
        for shell in ["bash", "zsh", "fish"] { #expect(await desk.run("completion", shell).out.contains("reconcile")) }
    }

    @Test func crdsArePrintedOrWritten() async throws {
        let desk = try Desk()
        let all = await desk.run("crds").out
        #expect(all.split(separator: "\n").count { $0 == "---" } == 5)
        let written = await desk.run("crds", "--directory", "$DIR/crds")
        #expect(written.out.split(separator: "\n").count == 6)
        #expect(try desk.read("crds/reconcile.dev_regions.yaml").hasPrefix("apiVersion: apiextensions.k8s.io/v1\n"))
    }

    @Test func doctorSaysTheFix() async throws {
        let desk = try Desk()
        desk.runtime.diagnoses = [
            Diagnosis("state", .good, "/state is ours to write"),
            Diagnosis("docker", .bad, "no socket at /var/run/docker.sock", fix: "start the engine, or set DOCKER_HOST"),
            Diagnosis("cluster", .unknown, "none configured"),
        ]
        let answer = await desk.run("doctor")
        #expect(
            answer.out == """
                ✔ state     /state is ours to write
                ✗ docker    no socket at /var/run/docker.sock
                            fix: start the engine, or set DOCKER_HOST
                ? cluster   none configured

                """)
        #expect(answer.code == 2)
        #expect(answer.err == "1 thing to fix\n")
    }

    @Test func sweepSaysWhatItAskedAndWhatItFound() async throws {
        let desk = try Desk()
        desk.runtime.swept.asked = ["the processes of this machine"]
        #expect(await desk.run("sweep").err == "asked the processes of this machine\nnothing left behind\n")
        desk.runtime.swept.resources = [
            SweptResource(provider: "docker", region: "here", id: "c1", age: .minutes(5), outcome: .removed),
            SweptResource(provider: "docker", region: "here", id: "c2", age: .seconds(5), outcome: .found),
        ]
        let answer = await desk.run("sweep", "--dry-run")
        #expect(
            answer.out == """
                PROVIDER   REGION   ID   AGE   RESULT
                docker     here     c1   5m    removed
                docker     here     c2   5s    found

                """)
        #expect(answer.code == 0)
    }

    @Test func sweepLooksAgainAtWhatIsTooYoung() async throws {
        func resource(_ id: String, _ age: Duration, _ outcome: SweptResource.Outcome) -> SweptResource {
            SweptResource(provider: "docker", region: "here", id: id, age: age, outcome: outcome)
        }
        let desk = try Desk()
        desk.runtime.swept.resources = [resource("c1", .minutes(5), .removed), resource("c2", .seconds(60), .tooYoung)]
        desk.runtime.sweptAgain = SweepReport()
        desk.runtime.sweptAgain?.resources = [resource("c2", .seconds(61), .removed)]
        let done = await desk.run("sweep")
        #expect(done.code == 0, "\(done)")
        #expect(done.err.hasPrefix("1 is younger than 1m: looking again in 1s\n"), "\(done.err)")
        #expect(done.out.split(separator: "\n").count == 3, "what went at once and what went later: \(done.out)")
        desk.runtime.sweptAgain = desk.runtime.swept
        let left = await desk.run("sweep")
        #expect(left.code == 2 && left.out.contains("left: younger than 1m, run sweep again"), "\(left)")
        let listed = await desk.run("sweep", "--dry-run")
        #expect(listed.code == 0 && !listed.err.contains("looking again"), "who only lists does not wait: \(listed)")
    }

    @Test func sweepIsNotDoneWhileSomethingIsLeftOrCouldNotBeAsked() async throws {
        let desk = try Desk()
        desk.runtime.swept.failed = ["the engine at unix:///e.sock: nobody listens there"]
        let deaf = await desk.run("sweep")
        #expect(deaf.code == 2)
        #expect(deaf.err.contains("not asked: the engine at unix:///e.sock: nobody listens there"))
        desk.runtime.swept.failed = []
        desk.runtime.swept.resources = [
            SweptResource(
                provider: "docker", region: "", id: "c", age: .minutes(5), outcome: .notRemoved(why: "it hangs"))
        ]
        let stuck = await desk.run("sweep")
        #expect(stuck.code == 2)
        #expect(stuck.out.contains("not removed: it hangs"))
        #expect(await desk.run("sweep", "--provider", "azure").code == 1, "what can't be asked is refused")
    }

    @Test func flagsTakeKubectlsValues() {
        for (written, read) in [
            (["delete", "rgn/r", "--wait=false"], ["delete", "rgn/r", "--no-wait"]),
            (["delete", "rgn/r", "--wait=true"], ["delete", "rgn/r", "--wait"]),
            (["get", "-A", "--watch=false"], ["get", "-A"]),
            (["get", "--watch=maybe"], ["get", "--watch=maybe"]),
            (["get", "--output=true"], ["get", "--output=true"]),
            (["apply", "--field-manager=true"], ["apply", "--field-manager=true"]),
        ] { #expect(Program.plainFlags(written) == read) }
    }
}
