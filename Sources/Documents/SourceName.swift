/// Where an input came from, as messages name it: a file path, or `-` for standard input.
package struct SourceName: Sendable, Hashable, CustomStringConvertible, ExpressibleByStringLiteral {
    package var name: String

    package init(_ name: String) { self.name = name }
    package init(stringLiteral name: String) { self.name = name }

    package static let standardInput: SourceName = "-"

    package var description: String { self == .standardInput ? "<stdin>" : name }
}
