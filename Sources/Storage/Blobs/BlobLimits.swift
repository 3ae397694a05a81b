/// What a blob store takes and gives.
package struct BlobLimits: Sendable, Hashable {
    /// Bytes of one blob; appending past it is refused.
    package var blobBytes = 256 << 20
    /// Bytes that one read returns at most, whatever was asked for.
    package var readBytes = 4 << 20

    package init() {}
}
