import SimulatedWorld

/// What `simulate` was asked to do.
struct Arguments {
    var seeds: ClosedRange<UInt64> = 1...100
    var worlds = Scenario.Kind.allCases
    var mutant: Mutant?
    var tracing = false
    var faultless = false
    var shrinks = true
    /// Trace lines shown of a failure.
    var tail = 60
    var wantsHelp = false

    struct Problem: Error { let message: String }

    static let usage = """
        usage: simulate [--seed N | --seeds A..B] [--world pool|plan] [--trace] [--tail N] [--no-faults] [--no-shrink] [--break BUG]

        Runs Reconcile's own cores in a simulated world with virtual time, from seeds. The same seed is the same run.
          --seed N        one seed; --seeds A..B all of them (default 1..100)
          --world W       pool (pools scaled, drained, deleted) or plan (plans of tasks); default both
          --trace         print everything that happens
          --tail N        trace lines shown of a failing seed (default 60)
          --no-faults     only what people do, nothing goes wrong
          --no-shrink     report the first failing scenario as it is
          --break BUG     with a deliberate bug: \(Mutant.allCases.map(\.rawValue).joined(separator: ", "))

        Exit 0: every promise was kept. Exit 1: one was broken (seed, promise and trace are printed), or usage.
        """

    init(_ words: [String]) throws(Problem) {
        var rest = words[...]
        func value(_ flag: String) throws(Problem) -> String {
            guard let value = rest.popFirst() else { throw Problem(message: "\(flag) needs a value") }
            return value
        }
        while let word = rest.popFirst() {
            switch word {
            case "--seed":
                let seed = try Self.number(try value(word), word)
                seeds = seed...seed
            case "--seeds": seeds = try Self.range(try value(word))
            case "--world":
                let name = try value(word)
                guard let kind = Scenario.Kind(rawValue: name) else {
                    throw Problem(message: "there is no world \"\(name)\"")
                }
                worlds = [kind]
            case "--break":
                let name = try value(word)
                guard let bug = Mutant(rawValue: name) else { throw Problem(message: "there is no bug \"\(name)\"") }
                mutant = bug
            case "--tail": tail = Int(try Self.number(try value(word), word))
            case "--trace": tracing = true
            case "--no-faults": faultless = true
            case "--no-shrink": shrinks = false
            case "-h", "--help": wantsHelp = true
            default: throw Problem(message: "unknown argument \"\(word)\"")
            }
        }
    }

    private static func number(_ text: String, _ flag: String) throws(Problem) -> UInt64 {
        guard let number = UInt64(text), number < 1 << 40 else {
            throw Problem(message: "\(flag) needs a number, not \"\(text)\"")
        }
        return number
    }

    private static func range(_ text: String) throws(Problem) -> ClosedRange<UInt64> {
        let parts = text.split(separator: ".", omittingEmptySubsequences: true)
        guard parts.count == 2, let low = UInt64(parts[0]), let high = UInt64(parts[1]), low <= high else {
            throw Problem(message: "--seeds needs a range such as 1..2000, not \"\(text)\"")
        }
        return low...high
    }
}
