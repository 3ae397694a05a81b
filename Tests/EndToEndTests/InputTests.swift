import Kernel
import Testing
import Tree

/// What can't be applied: each is one clear error with its place and the documented code, and changes nothing.
@Suite(.crowd)
struct InputTests {
    private struct Row {
        let name: String
        let input: Input
        /// All of these are in the error.
        let says: [String]

        enum Input {
            case text(String)
            case bytes([UInt8])
        }

        init(_ name: String, _ text: String, _ says: String...) {
            self.name = name
            input = .text(text)
            self.says = says
        }

        init(_ name: String, bytes: [UInt8], _ says: String...) {
            self.name = name
            input = .bytes(bytes)
            self.says = says
        }
    }

    private static let places = Manifest.region() + "---\n" + Manifest.pool() + "---\n"

    private static func plan(_ tasks: String...) -> String { places + Manifest.plan("p", tasks) }

    private static func task(_ name: String, _ fields: String = "") -> String {
        Manifest.task(name, "[\"true\"]", fields)
    }

    private static let rows: [Row] = [
        Row("misspelt field", plan(task("a", "dependOn: [b]")), "plan.yaml:19:", "dependOn", "dependsOn"),
        Row(
            "misspelt kind", "apiVersion: reconcile.dev/v1alpha1\nkind: Regoin\nmetadata: {name: r}\n", "plan.yaml:2:",
            "Region"),
        Row(
            "misspelt enum", places + Manifest.plan("p", spec: "scheduling: {algorithm: RoundRobbin}", [task("a")]),
            "RoundRobin"),
        Row(
            "text for a number",
            Manifest.region() + "---\n" + Manifest.pool().replacing("minWorkers: 1", with: "minWorkers: many"),
            "plan.yaml:9:34", "minWorkers"),
        Row("number for text", plan("name: 7, run: {command: [\"true\"]}"), "plan.yaml:19:", "name"),
        Row("bad duration", plan(task("a", "timeout: 5 minutes")), "plan.yaml:19:", "timeout", "5m"),
        Row("bad quantity", plan(task("a", "requires: {memory: 5GiB}")), "plan.yaml:19:", "memory"),
        Row(
            "money as a fraction", plan(task("a", "requires: {maxCostPerHour: 0.09}")), "plan.yaml:19:",
            "maxCostPerHour", "\"0.09\""),
        Row("cycle", plan(task("a", "dependsOn: [b]"), task("b", "dependsOn: [a]")), "plan.yaml:19:", "a → b → a"),
        Row("missing dependency", plan(task("build"), task("ship", "dependsOn: [biuld]")), "biuld", "build"),
        Row("two tasks of one name", plan(task("a"), task("a")), "plan.yaml:20:", "Duplicate"),
        Row(
            "two objects of one name", Manifest.region() + "---\n" + Manifest.region(), "plan.yaml:8:", "plan.yaml:3:",
            "here"),
        Row(
            "least above most",
            Manifest.region() + "---\n" + Manifest.pool(workers: 3).replacing("maxWorkers: 3", with: "maxWorkers: 2"),
            "minWorkers", "maxWorkers"),
        Row(
            "two keys of one name",
            "apiVersion: reconcile.dev/v1alpha1\nkind: Region\nkind: Region\nmetadata: {name: r}\n", "plan.yaml:3:",
            "kind"),
        Row("no name", "apiVersion: reconcile.dev/v1alpha1\nkind: Region\nspec: {provider: {local: {}}}\n", "name"),
        Row(
            "two providers",
            Manifest.region("here", "x: 1").replacing("x: 1", with: "").replacing(
                "provider: {local: {}}", with: "provider: {local: {}, docker: {}}"), "provider"),
        Row("unclosed bracket", "apiVersion: [\n", "plan.yaml:"),
        Row("bomb", bomb, "plan.yaml:", "alias"),
        Row("20,000 brackets", String(repeating: "[", count: 20_000), "plan.yaml:1:", "64"),
        Row(
            "bad UTF-8", bytes: Array("kind: Region\nmetadata: {name: ".utf8) + [0xC3, 0x28, 0x7D], "plan.yaml:2:",
            "UTF-8"),
        Row("NUL", bytes: Array("kind: Reg".utf8) + [0] + Array("ion\n".utf8), "plan.yaml:1:"),
        Row("empty", "", "plan.yaml"),
        Row("not one of ours", "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: d}\n", "Deployment"),
    ]

    /// 350 bytes that stand for ten to the ninth strings.
    private static let bomb: String = {
        var text = "a: &a [x,x,x,x,x,x,x,x,x,x]\n"
        for (name, last) in zip("bcdefghi", "abcdefgh") {
            text += "\(name): &\(name) [" + repeatElement("*\(last)", count: 10).joined(separator: ",") + "]\n"
        }
        return text
    }()

    @Test("Each bad input is one error with its place, code 4, and the store is as it was")
    func inputs() async throws {
        let site = try Site()
        try await site.apply("good.yaml", Manifest.region("stays"))
        let before = try await site.succeed("get", "reconcile", "-A", "-o", "yaml").output
        for row in Self.rows {
            let path =
                switch row.input {
                case .text(let text): try site.write("plan.yaml", text)
                case .bytes(let bytes): try site.write("plan.yaml", bytes)
                }
            let outcome = try await site.run("apply", "-f", path)
            #expect(outcome.code == 4, "\(row.name): \(outcome)")
            for text in row.says { #expect(outcome.errors.contains(text), "\(row.name) says \(text)? \(outcome)") }
            #expect(outcome.output.isEmpty, "\(row.name): \(outcome)")
            #expect(outcome.errors.utf8.count < 2000, "\(row.name): \(outcome.errors.utf8.count) bytes of errors")
            let after = try await site.succeed("get", "reconcile", "-A", "-o", "yaml").output
            #expect(after == before, "\(row.name)")
        }
    }

    @Test("A file of 100 MB is refused by its size")
    func large() async throws {
        let site = try Site()
        let path = try site.write("plan.yaml", "kind: Region\n")
        try site.lengthen(path, to: 100 << 20)
        let began = ContinuousClock.now
        let outcome = try await site.run("apply", "-f", path)
        #expect(outcome.code == 4 && outcome.errors.contains("MiB"), "\(outcome)")
        #expect(ContinuousClock.now - began < .seconds(5), "without reading it")
    }

    @Test("A directory without manifests, and a path that is not there, are named")
    func places() async throws {
        let site = try Site()
        let file = try site.write("empty/readme.txt", "nothing here\n")
        let directory = String(file.dropLast("/readme.txt".count))
        let none = try await site.run("apply", "-f", directory)
        #expect([1, 4].contains(none.code) && none.errors.contains(directory), "\(none)")
        let absent = try await site.run("apply", "-f", directory + "/absent.yaml")
        #expect([1, 4].contains(absent.code) && absent.errors.contains("absent.yaml"), "\(absent)")
        #expect(!Files.exists(site.state) || none.code == 4, "all input is read before the state is opened")
    }

    @Test("A plan for a region that is not there waits for it, and runs when it appears")
    func unknownRegion() async throws {
        let site = try Site()
        try await site.serve()
        try await site.apply(
            "plan.yaml", Manifest.pool(region: "nowhere"), Manifest.plan("p", region: "nowhere", [Self.task("a")]))
        let plan = try await site.await("xplan/p", "says which region") { plan in
            (plan["status"]?["conditions"]?.array ?? []).contains {
                $0["message"]?.string?.contains("nowhere") ?? false
            }
        }
        #expect(plan["status"]?["phase"]?.string != "Succeeded")
        try await site.apply("region.yaml", Manifest.region("nowhere"))
        try await site.awaitPlan("p")
    }
}
