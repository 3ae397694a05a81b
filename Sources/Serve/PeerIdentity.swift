import NIOCore
import NIOSSL
import SwiftASN1
import Synchronization
import X509

/// The subject of a client certificate, which the handshake has verified.
package struct PeerIdentity: Sendable, Hashable {
    package let commonName: String
    package let organizations: [String]

    package init(commonName: String, organizations: [String]) {
        self.commonName = commonName
        self.organizations = organizations
    }

    /// Nil: it names nobody.
    init?(_ shown: NIOSSLCertificate) {
        // try?: see above.
        guard let der = try? shown.toDERBytes(), let certificate = try? Certificate(derEncoded: der) else { return nil }
        var name: String?
        var organizations: [String] = []
        for set in certificate.subject {
            for attribute in set {
                guard let text = String(attribute.value) else { continue }
                if attribute.type == .RDNAttributeType.commonName { name = text }
                if attribute.type == .RDNAttributeType.organizationName { organizations.append(text) }
            }
        }
        guard let name else { return nil }
        self.init(commonName: name, organizations: organizations)
    }
}

/// Whom the open connections belong to: a certificate is read once, when its handshake ends, and not for each request.
final class Peers: Sendable {
    private let known = Mutex<[ObjectIdentifier: PeerIdentity]>([:])

    /// Whose requests come over this channel; a stream of HTTP/2 is a channel within that of its connection.
    func of(_ channel: any Channel) -> PeerIdentity? {
        known.withLock { known in
            known[ObjectIdentifier(channel)] ?? channel.parent.flatMap { known[ObjectIdentifier($0)] }
        }
    }

    func note(_ identity: PeerIdentity, on channel: any Channel) {
        known.withLock { $0[ObjectIdentifier(channel)] = identity }
    }

    func forget(_ channel: any Channel) {
        known.withLock { _ = $0.removeValue(forKey: ObjectIdentifier(channel)) }
    }
}
