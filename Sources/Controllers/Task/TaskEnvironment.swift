package import Model

/// What an attempt's process finds in its environment and arguments: the outputs of earlier tasks put in place of
/// `${tasks.NAME.outputs.KEY}`, in `env` values and whole argv elements, never inside a shell string.
package enum TaskEnvironment {
    /// A reference that can't be resolved, with the task it names.
    package struct Unresolved: Error, Sendable, Hashable, CustomStringConvertible {
        package let reference: String
        package let why: String
        package var description: String { "\(reference): \(why)" }
    }

    /// The command with every element that is one whole reference replaced.
    package static func command(
        _ run: RunSpec, outputs: (String) -> [String: String]?
    ) throws(Unresolved) -> [String] {
        var command: [String] = []
        for element in run.command {
            guard let reference = Reference(whole: element) else {
                command.append(element)
                continue
            }
            command.append(try reference.resolve(outputs))
        }
        return command
    }

    /// Values with references replaced wherever they stand.
    package static func value(_ text: String, outputs: (String) -> [String: String]?) throws(Unresolved) -> String {
        var result = ""
        var rest = Substring(text)
        while let start = rest.firstRange(of: "${tasks."), let end = rest[start.upperBound...].firstIndex(of: "}") {
            result += rest[..<start.lowerBound]
            let whole = String(rest[start.lowerBound...end])
            if let reference = Reference(whole: whole) { result += try reference.resolve(outputs) } else { result += whole }
            rest = rest[rest.index(after: end)...]
        }
        return result + rest
    }

    private struct Reference {
        let text: String
        let task: String
        let key: String

        init?(whole: String) {
            guard whole.hasPrefix("${tasks."), whole.hasSuffix("}") else { return nil }
            let inner = whole.dropFirst(8).dropLast()
            guard let middle = inner.firstRange(of: ".outputs."), !inner.contains("}") else { return nil }
            text = whole
            task = String(inner[..<middle.lowerBound])
            key = String(inner[middle.upperBound...])
        }

        func resolve(_ outputs: (String) -> [String: String]?) throws(Unresolved) -> String {
            guard let values = outputs(task) else {
                throw Unresolved(reference: text, why: "task \(task) is not in the plan or has not succeeded")
            }
            guard let value = values[key] else {
                let known = values.keys.sorted().joined(separator: ", ")
                throw Unresolved(reference: text, why: "task \(task) wrote no output \(key); it wrote: \(known.isEmpty ? "none" : known)")
            }
            return value
        }
    }
}
