import Crypto
import SwiftASN1
import X509

extension CertificateAuthority {
    /// What makes a pair unusable, as a clause.
    package struct Damage: Error, CustomStringConvertible {
        /// Of the key, else of the certificate.
        package let isOfKey: Bool
        package let description: String
    }

    /// Whether key and certificate can be read, and belong together.
    package func check() throws(Damage) {
        let key: P256.Signing.PrivateKey
        do { key = try P256.Signing.PrivateKey(pemRepresentation: keyPEM) } catch {
            throw Damage(isOfKey: true, description: "is no private key (PEM, P-256)")
        }
        let certificate: Certificate
        do { certificate = try Certificate(pemEncoded: certificatePEM) } catch {
            throw Damage(isOfKey: false, description: "is no certificate (PEM)")
        }
        guard certificate.publicKey == .init(key.publicKey) else {
            throw Damage(isOfKey: true, description: "is not the key of the certificate beside it")
        }
    }
}
