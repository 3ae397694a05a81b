package import HTTP
package import Ports

/// The archive with the program, its loader, its libraries and certificates, which `hack/bundle` makes: it runs in any
/// Linux image of its architecture.
package struct WorkerBundle: Sendable {
    /// The last file of the archive: where it is, all others are.
    static let mark = "complete"

    /// As `uname -m` says it.
    package let architecture: String
    /// SHA-256, hexadecimal.
    package let checksum: String
    /// The archive, read anew by each upload.
    package let content: @Sendable () -> Result<HTTPUpload, ProviderError>

    package init(
        architecture: String, checksum: String, content: @escaping @Sendable () -> Result<HTTPUpload, ProviderError>
    ) {
        self.architecture = architecture
        self.checksum = checksum
        self.content = content
    }
}
