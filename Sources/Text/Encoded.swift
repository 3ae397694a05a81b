/// A place where text is shown or read, with the one function that brings a string there.
package protocol TextTarget: Sendable {
    /// Shows the string there: whatever it holds acts as nothing but text.
    static func encode(_ text: String) -> String
}

/// Text that is fit for its target.
///
/// A `String` may come from anywhere: a server, a manifest, a task, a file's name. Here only literals of the source are
/// taken as they are; each string that is put into one goes through the target's encoding, by unicode scalar. What
/// prints takes this type and no other, so that nothing reaches a target past its encoding:
///
///     sink.line("task \(name): \(message)")       // name and message are encoded, the rest is ours
package struct Encoded<Target: TextTarget>: Sendable, Hashable, CustomStringConvertible {
    /// As the target takes it.
    package private(set) var text: String

    /// A string from anywhere.
    package init(_ outside: String) { text = Target.encode(outside) }
    package init() { text = "" }
    /// For this module's own: fit already.
    init(raw: String) { text = raw }

    package var description: String { text }
    package var isEmpty: Bool { text.isEmpty }

    package static func + (left: Encoded, right: Encoded) -> Encoded {
        var sum = left
        sum.text += right.text
        return sum
    }

    package static func += (left: inout Encoded, right: Encoded) { left.text += right.text }

    package mutating func trimEnd() {
        while text.utf8.last == UInt8(ascii: " ") { text.unicodeScalars.removeLast() }
    }
}

extension Encoded: ExpressibleByStringInterpolation {
    package init(stringLiteral literal: StaticString) { text = literal.description }

    package init(stringInterpolation parts: StringInterpolation) { text = parts.text }

    package struct StringInterpolation: StringInterpolationProtocol {
        fileprivate var text = ""

        package init(literalCapacity: Int, interpolationCount: Int) {
            text.reserveCapacity(literalCapacity + 16 * interpolationCount)
        }

        package mutating func appendLiteral(_ literal: StaticString) { text += literal.description }
        /// Fit for the target already.
        package mutating func appendInterpolation(_ part: Encoded) { text += part.text }
        package mutating func appendInterpolation(_ outside: String) { text += Target.encode(outside) }
        package mutating func appendInterpolation(_ outside: Substring) { text += Target.encode(String(outside)) }
        package mutating func appendInterpolation(_ number: Int) { text += String(number) }
        package mutating func appendInterpolation(_ outside: some CustomStringConvertible) {
            text += Target.encode(outside.description)
        }
        /// Errors of any type, which need not describe themselves.
        package mutating func appendInterpolation(_ error: any Error) { text += Target.encode("\(error)") }
    }
}

extension Sequence {
    /// One after the other, with a separator that the source wrote.
    package func joined<Target>(separator: Encoded<Target>) -> Encoded<Target> where Element == Encoded<Target> {
        var all = Encoded<Target>()
        for (index, part) in enumerated() { all += index == 0 ? part : separator + part }
        return all
    }

    /// Each with the end of a line.
    package func lines<Target>() -> Encoded<Target> where Element == Encoded<Target> {
        var all = Encoded<Target>()
        for line in self { all += line + "\n" }
        return all
    }
}
