import Ports

/// The name of a blob, `a/b/c`, as a path below the store's directory. A name comes partly from users (names
/// of tasks), so nothing that leads elsewhere gets through.
struct BlobName {
    static let maxBytes = 1_024
    static let maxParts = 16

    let parts: [String]

    init(_ name: String) throws(BlobError) {
        parts = name.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        guard name.utf8.count <= BlobName.maxBytes, parts.count <= BlobName.maxParts else {
            throw BlobError(
                "blob name \(name.prefix(80))… is too long: at most \(BlobName.maxBytes) bytes and \(BlobName.maxParts) parts"
            )
        }
        for part in parts where !BlobName.isPlain(part) {
            throw BlobError(
                "blob name \(name) has the part “\(part)”: each part has 1 to 255 bytes and is not . or .., without control characters"
            )
        }
    }

    private static func isPlain(_ part: String) -> Bool {
        !part.isEmpty && part.utf8.count <= 255 && part != "." && part != ".."
            && part.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7F }
    }

    /// Whether `other` is this name or lies below it.
    func contains(_ other: BlobName) -> Bool { other.parts.starts(with: parts) }
}
