/// The version both ends speak, sent as a header with every request.
package enum ProtocolVersion {
    package static let header = "reconcile-protocol"
    package static let current = "1"

    /// Nil for a request that may be read; otherwise what to answer it with.
    package static func refusal(of header: String?) -> Refusal? {
        guard header != current else { return nil }
        let told = header.map { "version \($0.prefix(16))" } ?? "no version"
        return Refusal(
            .unsupported,
            "the agent speaks \(told) of the worker protocol, this controller \(current): use the same release for both"
        )
    }
}
