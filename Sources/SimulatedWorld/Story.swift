import Model
import Tree

/// A run that somebody kept: seed, world, and which of the drawn faults and deeds are left of them, with the
/// fingerprint of what was drawn, so that another version of the worlds is told apart from the one that made it.
package struct Story: Sendable, Hashable {
    package var seed: UInt64
    package var kind: Scenario.Kind
    package var mutant: Mutant?
    package var mutation: UInt64
    /// Of what the seed stands for: another version draws something else from it.
    package var fingerprint: UInt64
    /// The commit whose worlds these are.
    package var commit: String
    /// Positions in the scenario as it was drawn, and how long each fault lasts.
    package var faults: [Int: Int64]
    package var deeds: [Int]
    /// The law that broke.
    package var law: String

    package struct Problem: Error, Sendable {
        package let message: String
    }

    package init(of run: SeedRun, commit: String) {
        let drawn = Scenario(
            seed: run.scenario.seed, kind: run.scenario.kind, mutant: run.scenario.mutant,
            mutation: run.scenario.mutation)
        mutation = run.scenario.mutation
        seed = run.scenario.seed
        kind = run.scenario.kind
        mutant = run.scenario.mutant
        fingerprint = drawn.fingerprint
        self.commit = commit
        law = run.violation?.law.rawValue ?? "none"
        faults = [:]
        for fault in run.scenario.faults {
            guard let place = drawn.faults.firstIndex(where: { $0.at == fault.at && $0.kind == fault.kind }) else {
                continue
            }
            faults[place] = fault.lasts.milliseconds
        }
        let kept = Set(run.scenario.deeds.map(\.number))
        deeds = drawn.deeds.indices.filter { kept.contains(drawn.deeds[$0].number) }
    }

    /// The scenario, if this version still draws it from the seed.
    package func scenario() throws(Problem) -> Scenario {
        var scenario = Scenario(seed: seed, kind: kind, mutant: mutant, mutation: mutation)
        guard scenario.fingerprint == fingerprint else {
            throw Problem(
                message: "seed \(seed) of world \(kind.rawValue) is another one in this version: commit \(commit) "
                    + "reproduces it")
        }
        let drawn = scenario
        scenario.faults = faults.keys.sorted().filter { drawn.faults.indices.contains($0) }.map { place in
            let fault = drawn.faults[place]
            return Fault(at: fault.at, lasts: .milliseconds(faults[place] ?? 0), kind: fault.kind)
        }
        scenario.deeds = deeds.filter { drawn.deeds.indices.contains($0) }.map { drawn.deeds[$0] }
        return scenario
    }
}

// As a file: a word and its value a line.
extension Story {
    package var text: String {
        var lines = ["seed \(seed)", "world \(kind.rawValue)", "fingerprint \(String(fingerprint, radix: 16))"]
        lines.append("commit \(commit)")
        if let mutant { lines.append("break \(mutant.rawValue)") }
        if mutation > 0 { lines.append("mutation \(mutation)") }
        lines += faults.keys.sorted().map { "fault \($0) \(faults[$0] ?? 0)" }
        lines += deeds.map { "deed \($0)" }
        lines.append("law \(law)")
        return lines.joined(separator: "\n") + "\n"
    }

    package init(_ text: String) throws(Problem) {
        var words: [String: String] = [:]
        var faults: [Int: Int64] = [:]
        var deeds: [Int] = []
        for line in text.split(separator: "\n") {
            let parts = line.split(separator: " ").map(String.init)
            switch (parts.first, parts.count) {
            case ("fault", 3): if let place = Int(parts[1]), let lasts = Int64(parts[2]) { faults[place] = lasts }
            case ("deed", 2): if let place = Int(parts[1]) { deeds.append(place) }
            case (let word?, 2): words[word] = parts[1]
            default: throw Problem(message: "\"\(line)\" is no line of a kept run: a word and its value")
            }
        }
        guard let seed = words["seed"].flatMap({ UInt64($0) }),
            let kind = words["world"].flatMap({ Scenario.Kind(rawValue: $0) }),
            let fingerprint = words["fingerprint"].flatMap({ UInt64($0, radix: 16) })
        else { throw Problem(message: "a kept run has a seed, a world and a fingerprint") }
        self.seed = seed
        self.kind = kind
        self.fingerprint = fingerprint
        mutant = words["break"].flatMap { Mutant(rawValue: $0) }
        mutation = words["mutation"].flatMap { UInt64($0) } ?? 0
        commit = words["commit"] ?? "unknown"
        law = words["law"] ?? "none"
        self.faults = faults
        self.deeds = deeds
    }
}

extension Scenario {
    /// The same for the same drawing, in every process.
    package var fingerprint: UInt64 {
        var mixer = Mixer()
        for fault in faults { mixer.mix(fault.description) }
        for timed in deeds {
            mixer.mix(timed.at.text)
            mixer.mix("\(timed.deed)")
        }
        mixer.mix("\(calm.text) \(rest.text) \(history) \(begins) \(regions)")
        return mixer.hash
    }

    private struct Mixer {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        mutating func mix(_ text: String) {
            for byte in text.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
        }
    }
}

extension Scenario {
    /// What people did and what went wrong, in order of time.
    package var story: [String] { story(withSpecs: false) }

    /// `withSpecs`: also what they wrote.
    package func story(withSpecs: Bool) -> [String] {
        let acts = deeds.map { timed in
            let spec = withSpecs ? timed.deed.written.map { " " + Witness.text($0) } ?? "" : ""
            return (at: timed.at, line: "\(timed.at.text): \(Witness.gist(timed.deed))\(spec)")
        }
        let troubles = faults.map { (at: $0.at, line: "\($0.at.text): \($0.kind) for \($0.lasts.text)") }
        return (acts + troubles).sorted { $0.at < $1.at }.map(\.line) + ["\(calm.text): nothing goes wrong any more"]
    }
}

extension Deed {
    /// The spec that a person wrote.
    var written: Tree? {
        switch self {
        case .create(_, let tree), .apply(_, let tree), .recreate(_, let tree), .createOnceGone(_, let tree, _):
            tree["spec"]
        default: nil
        }
    }
}
