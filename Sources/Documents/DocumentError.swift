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

/// A fault as a parser finds it: it knows a byte offset or a position, but not the file's name.
struct Fault: Error {
    enum Place {
        case offset(Int)
        case position(Position)
    }

    let code: DocumentError.Code
    let place: Place
    let message: String

    init(_ code: DocumentError.Code, at offset: Int, _ message: String) {
        self.code = code
        self.place = .offset(offset)
        self.message = message
    }

    init(_ code: DocumentError.Code, at position: Position, _ message: String) {
        self.code = code
        self.place = .position(position)
        self.message = message
    }

    func located(in bytes: UnsafeBufferPointer<UInt8>, source: SourceName) -> DocumentError {
        let position =
            switch place {
            case .offset(let offset): Position(of: offset, in: bytes)
            case .position(let position): position
            }
        return DocumentError(code: code, source: source, position: position, message: message)
    }
}

extension Fault {
    static func tooDeep(_ limit: Int, at place: Place) -> Fault {
        Fault(.tooDeep, place, "nested deeper than \(limit) levels, which no resource needs; flatten this value")
    }

    static func tooManyNodes(_ limit: Int, at place: Place) -> Fault {
        Fault(.tooManyNodes, place, "the document has more than \(limit) values; split it with `---` lines")
    }

    static func scalarTooLarge(_ limit: Int, at place: Place) -> Fault {
        Fault(.scalarTooLarge, place, "this value is longer than \(limit) bytes; keep large data outside the manifest")
    }

    static func duplicateKey(_ key: String, at place: Place) -> Fault {
        Fault(.duplicateKey, place, "the key \(quoted(key)) appears twice in one object; remove or rename one of them")
    }

    private init(_ code: DocumentError.Code, _ place: Place, _ message: String) {
        self.code = code
        self.place = place
        self.message = message
    }
}
