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
        Fault(
            .tooDeep, place, "nested deeper than \(limit) levels, which no resource needs; flatten this value"
        )
    }

    static func tooManyNodes(_ limit: Int, at place: Place) -> Fault {
        Fault(.tooManyNodes, place, "the document has more than \(limit) values; split it with `---` lines")
    }

    static func scalarTooLarge(_ limit: Int, at place: Place) -> Fault {
        Fault(
            .scalarTooLarge, place,
            "this value is longer than \(limit) bytes; keep large data outside the manifest")
    }

    static func duplicateKey(_ key: String, at place: Place) -> Fault {
        Fault(
            .duplicateKey, place,
            "the key \(quoted(key)) appears twice in one object; remove or rename one of them")
    }

    private init(_ code: DocumentError.Code, _ place: Place, _ message: String) {
        self.code = code
        self.place = place
        self.message = message
    }
}
