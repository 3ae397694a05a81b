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
            if case .reference(let reference)? = OutputReference.parts(of: element).only {
                command.append(try resolve(reference, outputs))
            } else {
                command.append(element)
            }
        }
        return command
    }

    /// Values with references replaced wherever they stand.
    package static func value(_ text: String, outputs: (String) -> [String: String]?) throws(Unresolved) -> String {
        var result = ""
        for part in OutputReference.parts(of: text) {
            switch part {
            case .literal(let text), .malformed(let text): result += text
            case .reference(let reference): result += try resolve(reference, outputs)
            }
        }
        return result
    }

    private static func resolve(
        _ reference: OutputReference, _ outputs: (String) -> [String: String]?
    ) throws(Unresolved) -> String {
        guard let values = outputs(reference.task) else {
            throw Unresolved(
                reference: reference.text, why: "task \(reference.task) is not in the plan or has not succeeded")
        }
        guard let value = values[reference.key] else {
            let known = values.keys.sorted().joined(separator: ", ")
            let wrote = known.isEmpty ? "none" : known
            throw Unresolved(
                reference: reference.text,
                why: "task \(reference.task) wrote no output \(reference.key); it wrote: \(wrote)")
        }
        return value
    }
}

extension [OutputReference.Part] {
    /// The element of an array of one.
    fileprivate var only: Element? { count == 1 ? self[0] : nil }
}
