import Glibc
import SimulatedWorld

/// What `simulate` was asked to do.
struct Arguments {
    var seeds: ClosedRange<UInt64> = 1...100
    /// Nil: each seed in the world whose turn it is.
    var worlds: [Scenario.Kind]?
    var mutant: Mutant?
    var tracing = false
    var faultless = false
    var shrinks = true
    /// Trace lines shown of a failure.
    var tail = 60
    var cores = Int(sysconf(Int32(_SC_NPROCESSORS_ONLN)))
    var wantsCoverage = false
    var wantsMarks = false
    var requiresMarks = false
    /// Which neighbour of the seeds' scenarios; 0: themselves.
    var mutation: UInt64 = 0
    var explains = false
    /// Where a failing run, or the page about hours of them, is kept.
    var save: String?
    var replay: String?
    var hours: Double?
    var wantsHelp = false

    struct Problem: Error { let message: String }

    static let usage = """
        usage: simulate [--seed N | --seeds A..B] [--world WORLD] [--cores N] [--trace] [--tail N] [--no-faults]
                        [--no-shrink] [--break BUG] [--explain] [--save FILE] [--coverage] [--marks]
                        [--require-marks] [--mutation N]
               simulate --replay FILE [--explain]
               simulate --hours N [--save Tests/RECORD.md]

        Runs Reconcile's own cores in a simulated world with virtual time, from seeds. The same seed is the same run.
          --seed N        one seed; --seeds A..B all of them (default 1..100)
          --world W       pool (pools scaled, drained, deleted), plan (plans of tasks), small (few objects, anything
                          may be written), wide (more of both), or all of them for each seed; default: one for each
                          seed, in turn
          --cores N       how many to use (default: all)
          --explain       of a failing run also what every controller was told and what it asked for
          --save FILE     keep the shortest failing run, or the page about hours of runs, in a file
          --replay FILE   run what was kept; refused where this version draws other worlds from its seed
          --hours N       go on for so long whatever fails, then say what was run, reached and found
          --coverage      which fields of specs these seeds write, and with what values; exit 1 if one is never written
          --marks         what the runs reached: transitions, reasons, errors, faults
          --require-marks exit 1 where they did not reach everything that must be reached
          --mutation N    a neighbour of each seed's world: other faults, people who do otherwise
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
                    guard name == "all" else { throw Problem(message: "there is no world \"\(name)\"") }
                    worlds = Scenario.Kind.allCases
                    continue
                }
                worlds = [kind]
            case "--cores": cores = max(1, Int(try Self.number(try value(word), word)))
            case "--explain": explains = true
            case "--save": save = try value(word)
            case "--replay": replay = try value(word)
            case "--hours":
                let text = try value(word)
                guard let number = Double(text), number > 0, number <= 1000 else {
                    throw Problem(message: "--hours needs a number such as 8 or 0.5, not \"\(text)\"")
                }
                hours = number
            case "--coverage": wantsCoverage = true
            case "--marks": wantsMarks = true
            case "--require-marks": requiresMarks = true
            case "--mutation": mutation = try Self.number(try value(word), word)
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
