/// What an input may cost, checked before its values are built (guarantee S13).
package struct Limits: Sendable, Hashable {
    /// Bytes of one document.
    package var documentBytes: Int
    /// Bytes of one whole input.
    package var inputBytes: Int
    /// Arrays and objects inside each other; a document that is one flat object has depth 1. At most 256 is
    /// used.
    package var depth: Int
    /// Values in one document, those that aliases repeat included.
    package var nodes: Int
    /// Values that the aliases of one document repeat.
    package var aliasNodes: Int
    /// Bytes of one string, number or key.
    package var scalarBytes: Int
    /// Documents in one input, empty ones included.
    package var documents: Int

    package init(
        documentBytes: Int, inputBytes: Int, depth: Int, nodes: Int, aliasNodes: Int, scalarBytes: Int,
        documents: Int
    ) {
        self.documentBytes = documentBytes
        self.inputBytes = inputBytes
        self.depth = min(depth, 256)
        self.nodes = nodes
        self.aliasNodes = aliasNodes
        self.scalarBytes = scalarBytes
        self.documents = documents
    }

    /// For what users and clients write.
    package static let manifest = Limits(
        documentBytes: 1 << 20, inputBytes: 64 << 20, depth: 64, nodes: 100_000, aliasNodes: 10_000,
        scalarBytes: 1 << 20, documents: 10_000)

    /// For what servers that we asked answer: lists of many objects in one document.
    package static let answer = Limits(
        documentBytes: 64 << 20, inputBytes: 64 << 20, depth: 128, nodes: 8_000_000, aliasNodes: 10_000,
        scalarBytes: 16 << 20, documents: 10_000)
}
