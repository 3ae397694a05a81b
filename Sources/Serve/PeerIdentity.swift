import NIOCore
import NIOSSL
import SwiftASN1
import X509

/// The subject of a client certificate, which the handshake has verified.
package struct PeerIdentity: Sendable, Hashable {
    package let commonName: String
    package let organizations: [String]

    package init(commonName: String, organizations: [String]) {
        self.commonName = commonName
        self.organizations = organizations
    }

    /// Nil: none was presented, or it names nobody.
    static func of(_ channel: any Channel) async -> PeerIdentity? {
        guard let shown = await certificate(channel), let der = try? shown.toDERBytes(),
            let certificate = try? Certificate(derEncoded: der)
        else { return nil }
        var name: String?
        var organizations: [String] = []
        for set in certificate.subject {
            for attribute in set {
                guard let text = String(attribute.value) else { continue }
                if attribute.type == .RDNAttributeType.commonName { name = text }
                if attribute.type == .RDNAttributeType.organizationName { organizations.append(text) }
            }
        }
        return name.map { PeerIdentity(commonName: $0, organizations: organizations) }
    }

    private static func certificate(_ channel: any Channel) async -> NIOSSLCertificate? {
        if let shown = try? await channel.nioSSL_peerCertificate().get() { return shown }
        // A stream of HTTP/2 is a channel within that of its connection.
        return try? await channel.parent?.nioSSL_peerCertificate().get()
    }
}
