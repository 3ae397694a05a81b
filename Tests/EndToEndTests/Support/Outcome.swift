import Documents
import Tree

/// What one invocation of the program left: how it ended, and what it said.
struct Outcome: Sendable, CustomStringConvertible {
    let words: [String]
    /// Minus the signal where one ended it.
    let code: Int
    let output: String
    let errors: String

    var lines: [String] { output.split(separator: "\n").map(String.init) }

    /// Standard output as JSON.
    var tree: Tree {
        get throws { try JSON.parse(Array(output.utf8), limits: .answer) }
    }

    var description: String { "reconcile \(words.joined(separator: " ")) → \(code)\n\(output)\(errors)" }
}
