import Documents
import Glibc
import Kernel
import ProcessKit
import Testing
import Tree

/// E-commerce runs on an engine that something befalls in every round: however it was, its plan ends well, nothing is
/// lost, doubled or left.
///
/// `RECONCILE_NEMESIS=50` goes through so many rounds, in an order that `RECONCILE_SEED` chooses;
/// `RECONCILE_NEMESIS=pauseWorker,fillEngine` through these.
@Suite(.serialized, .enabled(if: TestEngine.isThere, TestEngine.hint), .timeLimit(.minutes(120)))
struct EngineNemesisTests {
    private static func rounds(_ dice: inout Dice) -> [Nemesis] {
        let words = Surroundings["RECONCILE_NEMESIS"] ?? "renameWorker,removeWorker"
        guard let count = Int(words) else {
            return words.split(separator: ",").compactMap { Nemesis(rawValue: "\($0)") }
        }
        var rounds: [Nemesis] = []
        while rounds.count < count {
            var deck = Nemesis.allCases.filter { $0 != .fillEngine || TestEngine.canBeFilled }
            while !deck.isEmpty { rounds.append(deck.remove(at: dice.next(upTo: deck.count))) }
        }
        return Array(rounds.prefix(count))
    }

    @Test("An engine that something befalls in every round: each plan ends well, nothing is lost, doubled or left")
    func storm() async throws {
        var dice = Dice(seed: Surroundings["RECONCILE_SEED"].flatMap { UInt64($0) } ?? 20_260_117)
        let rounds = Self.rounds(&dice)
        try #require(!rounds.isEmpty, "RECONCILE_NEMESIS names none of \(Nemesis.allCases.map(\.rawValue))")
        var problems: [String] = []
        try await onEngine { site, engine in
            var storm = try await Storm(site, engine)
            for (number, nemesis) in rounds.enumerated() {
                let began = ContinuousClock.now
                do {
                    let told = try await storm.round(nemesis, &dice)
                    if number % 10 == 9 || number == rounds.count - 1 { try await storm.clear() }
                    print("nemesis \(number + 1) of \(rounds.count): \(told), all in \(ContinuousClock.now - began)")
                } catch {
                    problems.append("round \(number + 1), \(nemesis.rawValue): \(error)")
                    print("nemesis PROBLEM", problems.last ?? "")
                    // The next round begins with a plan of its own.
                    try await storm.endPlan()
                    if problems.count > 4 { break }
                }
            }
            print("nemesis: \(rounds.count) rounds, \(problems.count) problems, results \(storm.results.count)")
            #expect(problems.isEmpty, "\(problems.joined(separator: "\n"))")
            #expect(storm.results.count == 1, "every round came to the same: \(storm.results)")
        }
    }
}

/// E-commerce, round after round under one controller.
private struct Storm {
    private static let plan = "xplan/global-ecommerce-platform"
    private static let tasks = 9
    private let site: Site
    private let engine: TestEngine
    private var serving: Launcher.Started
    /// What the last task of each round's plan said.
    private(set) var results: Set<String> = []

    init(_ site: Site, _ engine: TestEngine) async throws {
        self.site = site
        self.engine = engine
        serving = try await site.serve("--cluster-id", engine.clusterID)
        guard chmod(site.directory, 0o777) == 0 else { throw SystemError("chmod", site.directory) }
        let begin = "\(site.directory)/begin.sh"
        try Files.replace(begin, Array(Self.begin.utf8))
        guard chmod(begin, 0o644) == 0 else { throw SystemError("chmod", begin) }
        try Shop.write(
            to: site, engine, provider: "volumes: [{source: \"\(site.directory)\", target: /witness, readOnly: false}]",
            begin: ". /witness/begin.sh")
    }

    /// The exclusive task says all the while that it lives: whatever ends its container ends that too.
    private static let begin = """
        now() { read -r up rest < /proc/uptime; echo "$up"; }
        echo "start $RECONCILE_TASK $RECONCILE_ATTEMPT $(now)" >> /witness/storm.log
        case $RECONCILE_TASK in
        *-release)
            ( while kill -0 $$; do
                echo "lives $RECONCILE_TASK $RECONCILE_ATTEMPT $(now)" >> /witness/storm.log
                sleep 0.2
            done ) 2>/dev/null &
            ;;
        esac

        """

    private var log: String { "\(site.directory)/storm.log" }
    private var manifests: String { "\(site.directory)/manifests/shop" }

    private func clearLog() throws {
        try Files.replace(log, [])
        guard chmod(log, 0o666) == 0 else { throw SystemError("chmod", log) }
    }

    mutating func round(_ nemesis: Nemesis, _ dice: inout Dice) async throws -> String {
        try clearLog()
        try await site.succeed("apply", "-f", manifests)
        try await eventually("a task runs", within: .seconds(300)) { try !entries().isEmpty }
        try await Task.sleep(for: .milliseconds(dice.next(upTo: 6000)))
        if nemesis == .killController {
            try await site.kill9(serving)
            try await Task.sleep(for: .milliseconds(dice.next(upTo: 15_000)))
            serving = try await site.serve("--cluster-id", engine.clusterID)
        }
        let told = try await nemesis.strike(engine, &dice)
        let struck = ContinuousClock.now
        try await end(mayFail: nemesis == .fillEngine)
        let took = ContinuousClock.now - struck
        let attempts = try judge()
        try await settle()
        try await endPlan()
        return "\(told); succeeded \(took) later with \(attempts) attempts"
    }

    /// A task that finds the disk full fails by its own word; where that ends the plan it is applied anew: what has
    /// ended stays ended.
    private func end(mayFail: Bool) async throws {
        var phase = ""
        let limit = ContinuousClock.now + .seconds(300)
        while phase != "Succeeded" {
            try await Task.sleep(for: .milliseconds(300))
            let seen = try await site.run("get", Self.plan, "-n", "ecommerce", "-o", "json")
            if seen.code == 0 { phase = try seen.tree["status"]?["phase"]?.string ?? "" }
            if phase == "Failed", mayFail {
                try await endPlan()
                try clearLog()
                try await site.succeed("apply", "-f", manifests)
            }
            guard ContinuousClock.now < limit, phase != "Failed" || mayFail else {
                let objects = try await site.run("get", "rgn,wpool,wkr,xplan,xtask", "-A")
                let described = try await site.run("describe", Self.plan, "-n", "ecommerce")
                let containers = try await engine.docker("ps", "--all", "--no-trunc")
                throw Unmet(
                    "the plan is \(phase)\n\(objects.output)\(described.output)\(containers)\(serving.errors.suffix(4000))"
                )
            }
        }
    }

    private func entries() throws -> [[Substring]] {
        String(decoding: try Files.read(log, limit: 16 << 20) ?? [], as: UTF8.self).split(separator: "\n").map {
            $0.split(separator: " ")
        }
    }

    /// Every task succeeded, no attempt began twice, no two of the exclusive one overlapped; how many began.
    private mutating func judge() throws -> Int {
        let all = try entries()
        let starts = all.filter { $0.first == "start" }.map { $0[1...2].joined(separator: " ") }
        guard Set(starts).count == starts.count else { throw Unmet("attempts began twice: \(starts.sorted())") }
        let release = all.filter { $0[1].hasSuffix("-release") }.compactMap { entry -> (attempt: Int, at: Double)? in
            guard let attempt = Int(entry[2]), let at = Double(entry[3]) else { return nil }
            return (attempt, at)
        }
        for (attempt, at) in release where release.contains(where: { $0.attempt < attempt && $0.at > at }) {
            throw Unmet("attempt \(attempt) of the exclusive task began before another had ended: \(release)")
        }
        return starts.count
    }

    /// What the engine has is what the controller knows, each once and for each slot one.
    private mutating func settle() async throws {
        let tasks = try await site.objects("xtask")
        guard tasks.count == Self.tasks, tasks.allSatisfy({ $0["status"]?["phase"]?.string == "Succeeded" }) else {
            throw Unmet("of \(tasks.count) tasks some have not succeeded: \(tasks.map { $0["status"]?["phase"] })")
        }
        let release = tasks.first { $0["spec"]?["task"]?.string == "release" }?["status"]?["outputs"]
        results.insert(YAML.emit(release ?? .null))
        var seen = ""
        do {
            try await eventually("containers are the workers'", within: .seconds(90)) {
                let known = try await site.objects("wkr").compactMap { worker in
                    worker["status"]?["gone"]?.bool == true ? nil : worker["metadata"]?["uid"]?.string
                }.sorted()
                let format = "{{.Label \"reconcile.dev/worker-uid\"}}"
                let there = try await engine.docker(
                    "ps", "--all", "--filter", "label=reconcile.dev/cluster=\(engine.clusterID)", "--format", format
                ).split(separator: "\n").map(String.init).sorted()
                seen = "known \(known), there \(there)"
                return known == there && known.count == 6
            }
        } catch {
            let objects = try await site.run("get", "rgn,wpool,wkr", "-A")
            throw Unmet("\(error): \(seen)\n\(objects.output)\(try await engine.docker("ps", "--all", "--no-trunc"))")
        }
    }

    func endPlan() async throws {
        try await site.succeed("delete", Self.plan, "-n", "ecommerce", "--ignore-not-found", within: .seconds(120))
    }

    /// All goes, and the engine is as it was.
    func clear() async throws {
        try await site.succeed("delete", "-f", manifests, "--ignore-not-found", within: .seconds(180))
        try await eventually("the engine is as it was", within: .seconds(90)) { try await engine.isClean() }
    }
}
