/// Reads several inputs under the limits of one: 64 MiB and 10,000 documents in all, not each.
package struct Intake: Sendable {
    package let limits: Limits
    package private(set) var documents: [Document] = []
    private var bytesLeft: Int

    package init(limits: Limits = .manifest) {
        self.limits = limits
        bytesLeft = limits.inputBytes
    }

    /// Adds the documents of one more input. An input that is refused adds nothing.
    package mutating func add(_ bytes: [UInt8], source: SourceName) throws(DocumentError) {
        var rest = limits
        rest.inputBytes = bytesLeft
        rest.documents = limits.documents - documents.count
        if bytes.count > bytesLeft {
            throw DocumentError(
                code: .inputTooLarge, source: source, position: Position(line: 1, column: 1),
                message:
                    "the inputs together have more than \(limits.inputBytes) bytes; apply fewer at a time"
            )
        }
        let more = try Documents.parse(bytes, source: source, limits: rest)
        if more.count > rest.documents {
            throw DocumentError(
                code: .tooManyDocuments, source: source, position: Position(line: 1, column: 1),
                message:
                    "the inputs together have more than \(limits.documents) documents; apply fewer at a time")
        }
        documents += more
        bytesLeft -= bytes.count
    }
}
