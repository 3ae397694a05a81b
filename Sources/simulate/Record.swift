import SimulatedWorld

/// What hours of seeds came to, as the page that is kept about it.
struct Record {
    let commit: String
    let first: UInt64
    var last: UInt64 = 0
    var took = Duration.zero
    var runs = 0
    /// Of them, neighbours of runs that reached what is rare.
    var neighbours = 0
    var steps = 0
    /// Of the worlds' own time.
    var seconds: Int64 = 0
    var marks: [String: Int] = [:]
    /// By what broke with the names taken out: the first run that showed it, and how many did.
    private var found: [String: (scenario: Scenario, message: String, count: Int)] = [:]

    init(commit: String, first: UInt64) {
        self.commit = commit
        self.first = first
    }

    var isClean: Bool { found.isEmpty }

    mutating func found(_ violation: Violation, in scenario: Scenario) {
        let name = Self.kind(of: violation)
        if let known = found[name] {
            found[name] = (known.scenario, known.message, known.count + 1)
        } else {
            found[name] = (scenario, "\(violation)", 1)
        }
    }

    /// The law and the words of the message that are the same wherever it breaks.
    private static func kind(of violation: Violation) -> String {
        let words = violation.message.split(separator: " ").prefix(12)
        return violation.law.rawValue + " "
            + words.filter { word in !word.utf8.contains { (0x30...0x39).contains($0) } }.joined(separator: " ")
    }

    /// `former`: the page that stands, whose parts by others stay: what `hack/mutate` and people wrote into it.
    func page(keeping former: String = "") -> String {
        let span = Double(took.components.seconds)
        var lines = [
            "# Record of the simulator", "",
            "Written by `simulate --hours N --save Tests/RECORD.md`.", "",
            "| | |", "|---|---|",
            "| commit | \(commit) |",
            "| seeds | \(first)…\(last), \(runs) runs, \(neighbours) of them neighbours of such that reached what is rare |",
            "| time | \(took.components.seconds) s, \(Int(Double(runs) / max(1, span))) runs/s, "
                + "\(Int(Double(steps) / max(1, span))) steps/s |",
            "| time of theirs | \(Self.years(seconds)) years |",
            "| marks | \(marks.count) |",
            "| found | \(found.count) kinds of broken promises |", "",
        ]
        if !found.isEmpty {
            lines += ["## Found", "", "| first run | how many | what |", "|---|---|---|"]
            for name in found.keys.sorted() {
                guard let (scenario, message, count) = found[name] else { continue }
                let text = message.split(separator: "|").joined(separator: "\\|")
                lines.append("| `\(scenario.command)` | \(count) | \(text) |")
            }
            lines.append("")
        }
        lines += Self.foreign(in: former)
        lines += ["## Reached", "", "| mark | times |", "|---|---|"]
        lines += marks.keys.sorted().map { "| \($0) | \(marks[$0] ?? 0) |" }
        return lines.joined(separator: "\n") + "\n"
    }

    private static func foreign(in page: String) -> [String] {
        var kept: [String] = []
        var isForeign = false
        for line in page.split(separator: "\n", omittingEmptySubsequences: false) {
            if line.hasPrefix("## ") { isForeign = line != "## Found" && line != "## Reached" }
            if isForeign { kept.append(String(line)) }
        }
        while kept.last == "" { kept.removeLast() }
        return kept.isEmpty ? [] : kept + [""]
    }

    private static func years(_ seconds: Int64) -> String {
        let hundredths = seconds * 100 / 31_557_600
        return "\(hundredths / 100).\(hundredths % 100 < 10 ? "0" : "")\(hundredths % 100)"
    }
}
