package import HTTP

/// How one context of a kubeconfig reaches its API server, and as whom.
package struct ClusterAccess: Sendable, Hashable {
    /// `https://HOST[:PORT][/PREFIX]`, without a slash at the end.
    package var server: String
    package var tls: TLSSettings
    package var token: String?
    /// What the kubeconfig calls them.
    package var user: String
    package var context: String
    /// Of objects that name none; nil where the context says nothing.
    package var namespace: String?
    /// The file it was read from.
    package var source: String
}
