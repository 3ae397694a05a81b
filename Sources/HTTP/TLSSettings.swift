/// What an https connection trusts and shows. The server's certificate is always verified; there is no
/// switch.
package struct TLSSettings: Sendable, Hashable {
    /// Certificates to trust, PEM, in place of the system's. Nil trusts the system's.
    package var caPEM: [UInt8]?
    /// The client's certificate chain, PEM, leaf first.
    package var certificatePEM: [UInt8]?
    /// The private key of `certificatePEM`, PEM, without a passphrase.
    package var keyPEM: [UInt8]?
    /// The name to send (SNI) and to find in the certificate, in place of the URL's host. The connection
    /// still goes to the URL's host, and the Host header still names that.
    package var serverName: String?

    package init(
        caPEM: [UInt8]? = nil, certificatePEM: [UInt8]? = nil, keyPEM: [UInt8]? = nil,
        serverName: String? = nil
    ) {
        self.caPEM = caPEM
        self.certificatePEM = certificatePEM
        self.keyPEM = keyPEM
        self.serverName = serverName
    }
}

extension TLSSettings: CustomStringConvertible, CustomReflectable {
    /// Says what is set, never the key.
    package var description: String {
        let certificate = certificatePEM == nil ? "none" : "set"
        return "TLSSettings(ca: \(caPEM == nil ? "system" : "own"), certificate: \(certificate), "
            + "serverName: \(serverName ?? "of the URL"))"
    }

    package var customMirror: Mirror { Mirror(self, children: []) }
}
