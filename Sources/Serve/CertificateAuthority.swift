import Crypto
import FoundationEssentials
import SwiftASN1
import X509

/// The state's own certificate authority: one P-256 key that signs the gateway's certificate at every start, so that
/// workers trust exactly this controller and nothing else.
package struct CertificateAuthority: Sendable {
    package let certificatePEM: String
    /// To be kept with mode 0600.
    package let keyPEM: String

    package init(certificatePEM: String, keyPEM: String) {
        self.certificatePEM = certificatePEM
        self.keyPEM = keyPEM
    }

    /// A new authority, valid for ten years from `now` (seconds since 1970).
    package static func generate(now: Int64) throws -> CertificateAuthority {
        let key = P256.Signing.PrivateKey()
        let name = try DistinguishedName { CommonName("Reconcile local authority") }
        let certificate = try Certificate(
            version: .v3, serialNumber: .init(), publicKey: .init(key.publicKey),
            notValidBefore: date(now - 3600), notValidAfter: date(now + 10 * 365 * 86400), issuer: name, subject: name,
            signatureAlgorithm: .ecdsaWithSHA256,
            extensions: Certificate.Extensions {
                Critical(BasicConstraints.isCertificateAuthority(maxPathLength: 0))
                Critical(KeyUsage(keyCertSign: true, cRLSign: true))
            },
            issuerPrivateKey: .init(key))
        return CertificateAuthority(
            certificatePEM: try certificate.serializeAsPEM().pemString, keyPEM: key.pemRepresentation)
    }

    /// A server certificate for these names and addresses, valid for a year from `now`.
    package func issueServer(names: [String], addresses: [String], now: Int64) throws -> Server.Identity {
        let alternatives =
            names.map { GeneralName.dnsName($0) }
            + addresses.compactMap { Self.octets($0) }.map {
                GeneralName.ipAddress(ASN1OctetString(contentBytes: $0[...]))
            }
        let purpose = try Certificate.Extensions {
            try ExtendedKeyUsage([.serverAuth])
            SubjectAlternativeNames(alternatives)
        }
        return try issue(try DistinguishedName { CommonName("reconcile") }, now: now, purpose)
    }

    /// A client certificate for this user (CN) in these groups (O), valid for a year from `now`.
    package func issueClient(user: String, groups: [String], now: Int64) throws -> Server.Identity {
        let subject = try DistinguishedName {
            for group in groups { OrganizationName(group) }
            CommonName(user)
        }
        return try issue(subject, now: now, try Certificate.Extensions { try ExtendedKeyUsage([.clientAuth]) })
    }

    private func issue(
        _ subject: DistinguishedName, now: Int64, _ purpose: Certificate.Extensions
    ) throws -> Server.Identity {
        let authority = try Certificate(pemEncoded: certificatePEM)
        let issuerKey = try P256.Signing.PrivateKey(pemRepresentation: keyPEM)
        let key = P256.Signing.PrivateKey()
        var extensions = try Certificate.Extensions {
            Critical(BasicConstraints.notCertificateAuthority)
            Critical(KeyUsage(digitalSignature: true))
        }
        for part in purpose { try extensions.append(part) }
        let certificate = try Certificate(
            version: .v3, serialNumber: .init(), publicKey: .init(key.publicKey),
            notValidBefore: Self.date(now - 3600), notValidAfter: Self.date(now + 365 * 86400),
            issuer: authority.subject, subject: subject, signatureAlgorithm: .ecdsaWithSHA256,
            extensions: extensions, issuerPrivateKey: .init(issuerKey))
        return Server.Identity(
            certificatePEM: try certificate.serializeAsPEM().pemString, keyPEM: key.pemRepresentation)
    }

    private static func date(_ seconds: Int64) -> Date { Date(timeIntervalSince1970: Double(seconds)) }

    /// The four bytes of an IPv4 address in dotted form.
    private static func octets(_ address: String) -> [UInt8]? {
        let parts = address.split(separator: ".").compactMap { UInt8($0) }
        return parts.count == 4 ? parts : nil
    }
}
