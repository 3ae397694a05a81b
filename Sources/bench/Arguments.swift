/// What `bench` was asked to do.
struct Arguments {
    /// Only measurements whose name has one of these in it; empty means all.
    var wanted: [String] = []
    /// Where the durable parts are measured: on this file system.
    var directory = "/var/tmp"
    /// Where `reconcile` and `simulate` are; nil means beside this program.
    var programs: String?
    /// Decides one document and tells what that took: see `HostileDocuments`.
    var document: String?

    struct Problem: Error {
        let text: String
        var isHelp = false
    }

    private static let usage = """
        usage: bench [NAME …] [--directory DIR] [--programs DIR] [--list]

        Measures what ARCHITECTURE.md and the issues put numbers on, each beside a floor or a peer of the same run.
          NAME             only measurements with this word in their name
          --directory DIR  measure durable writes and real controllers on this file system (default /var/tmp)
          --programs DIR   where reconcile and simulate are (default: beside bench)
          --list           the names

        Numbers are reported, never judged by the exit code: 1 means that a measurement could not run, 2 usage.
        """

    init(_ words: [String]) throws(Problem) {
        var rest = words[...]
        func value(_ flag: String) throws(Problem) -> String {
            guard let value = rest.popFirst() else {
                throw Problem(text: "bench: \(flag) needs a value\n\(Self.usage)")
            }
            return value
        }
        while let word = rest.popFirst() {
            switch word {
            case "--directory": directory = try value(word)
            case "--programs": programs = try value(word)
            case "--document": document = try value(word)
            case "--list": throw Problem(text: Benchmark.all.map(\.name).joined(separator: "\n"), isHelp: true)
            case "-h", "--help": throw Problem(text: Self.usage, isHelp: true)
            case _ where word.hasPrefix("-"): throw Problem(text: "bench: unknown option \"\(word)\"\n\(Self.usage)")
            default: wanted.append(word)
            }
        }
    }
}
