/// Why an input was refused, and where. The first fault of an input ends its parse; nothing of it is used.
package struct DocumentError: Error, Sendable, Hashable, CustomStringConvertible {
    package enum Code: String, Sendable, Hashable, CaseIterable {
        case syntax = "Syntax"
        case badUTF8 = "BadUTF8"
        case nulByte = "NULByte"
        case badCharacter = "BadCharacter"
        case inputTooLarge = "InputTooLarge"
        case documentTooLarge = "DocumentTooLarge"
        case scalarTooLarge = "ScalarTooLarge"
        case tooManyDocuments = "TooManyDocuments"
        case tooManyNodes = "TooManyNodes"
        case tooDeep = "TooDeep"
        case aliasExpansion = "AliasExpansion"
        case undefinedAlias = "UndefinedAlias"
        case duplicateKey = "DuplicateKey"
        case badKey = "BadKey"
        case mergeKey = "MergeKey"
        case unknownTag = "UnknownTag"
        case tagMismatch = "TagMismatch"
        case badNumber = "BadNumber"
    }

    package var code: Code
    package var source: SourceName
    package var position: Position
    /// What is wrong, why, and what to do about it.
    package var message: String

    package init(code: Code, source: SourceName, position: Position, message: String) {
        self.code = code
        self.source = source
        self.position = position
        self.message = message
    }

    package var line: Int { position.line }
    package var column: Int { position.column }

    /// `plan.yaml:14:7: message`
    package var description: String { "\(source):\(position): \(message)" }
}
