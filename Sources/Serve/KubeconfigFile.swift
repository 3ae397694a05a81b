import FoundationEssentials
import Text

/// A kubeconfig for one server with one client certificate, everything inline.
package enum KubeconfigFile {
    /// To be kept with mode 0600: it holds the key.
    package static func text(server: String, authority: CertificateAuthority, client: Server.Identity) -> String {
        func base64(_ text: String) -> String { Data(text.utf8).base64EncodedString() }
        return """
            apiVersion: v1
            kind: Config
            clusters:
            - name: reconcile
              cluster:
                server: \(Encoded<YAMLScalar>(server))
                certificate-authority-data: \(base64(authority.certificatePEM))
            users:
            - name: admin
              user:
                client-certificate-data: \(base64(client.certificatePEM))
                client-key-data: \(base64(client.keyPEM))
            contexts:
            - name: reconcile
              context:
                cluster: reconcile
                user: admin
            current-context: reconcile

            """
    }
}
