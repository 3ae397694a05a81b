/// Where a value stands in an object, printed as Kubernetes prints it: `spec.tasks[2].run.command[0]`.
package struct FieldPath: Sendable, Hashable {
    package enum Step: Sendable, Hashable {
        case field(String)
        case index(Int)
    }

    package var steps: [Step]

    package init(_ steps: [Step] = []) { self.steps = steps }

    package static func + (path: FieldPath, name: String) -> FieldPath { FieldPath(path.steps + [.field(name)]) }
    package static func + (path: FieldPath, index: Int) -> FieldPath { FieldPath(path.steps + [.index(index)]) }
}

extension FieldPath: ExpressibleByArrayLiteral {
    package init(arrayLiteral elements: String...) { self.init(elements.map { .field($0) }) }
}

extension FieldPath: CustomStringConvertible {
    package var description: String { text(marking: true) }

    /// As decoders print it, who don't mark a name that has a point in it.
    package var plain: String { text(marking: false) }

    private func text(marking: Bool) -> String {
        var text = ""
        for (place, step) in steps.enumerated() {
            switch step {
            case .index(let index): text += "[\(index)]"
            case .field(let name)
            where marking && name.utf8.contains { $0 == UInt8(ascii: ".") || $0 == UInt8(ascii: "[") }:
                text += "[\(name)]"
            case .field(let name): text += place == 0 ? name : ".\(name)"
            }
        }
        return text
    }
}
