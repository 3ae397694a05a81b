/// Reads several inputs under the limits of one: 64 MiB and 10,000 documents in all, not each.
package struct Intake: Sendable {
    package let limits: Limits
    package private(set) var documents: [Document] = []
    private var bytesLeft: Int

    package init(limits: Limits = .manifest) {
        self.limits = limits
        bytesLeft = limits.inputBytes
    }

    /// Adds the documents of one more input. After an error the ones before it are still there, and no more should be added.
    package mutating func add(_ bytes: [UInt8], source: SourceName) throws(DocumentError) {
        var rest = limits
        rest.inputBytes = bytesLeft
        rest.documents = limits.documents - documents.count
        if bytes.count > bytesLeft {
            throw DocumentError(
                code: .inputTooLarge, source: source, position: Position(line: 1, column: 1),
                message: "the inputs together have more than \(limits.inputBytes) bytes; apply them in several goes")
        }
        documents += try Documents.parse(bytes, source: source, limits: rest)
        bytesLeft -= bytes.count
        if documents.count > limits.documents {
            throw DocumentError(
                code: .tooManyDocuments, source: source, position: Position(line: 1, column: 1),
                message: "the inputs together have more than \(limits.documents) documents; apply them in several goes")
        }
    }
}
