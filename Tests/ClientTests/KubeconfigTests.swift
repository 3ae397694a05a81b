import Client
import HTTP
import Testing
import Tree

@Suite struct KubeconfigTests {
    private static let text = """
        apiVersion: v1
        kind: Config
        current-context: here
        clusters:
        - {name: near, cluster: {server: "https://127.0.0.1:6443/", certificate-authority-data: Q0E=}}
        - {name: far, cluster: {server: "https://far.example:443/k8s", certificate-authority: ca.crt, tls-server-name: api}}
        - {name: plain, cluster: {server: "http://127.0.0.1:80"}}
        - {name: blind, cluster: {server: "https://127.0.0.1", insecure-skip-tls-verify: true}}
        - {name: broken, cluster: {server: "https://127.0.0.1", certificate-authority-data: "?"}}
        users:
        - {name: admin, user: {client-certificate-data: Q0VSVA==, client-key-data: S0VZ}}
        - {name: robot, user: {tokenFile: /run/token}}
        - {name: helper, user: {exec: {command: aws}}}
        - {name: half, user: {client-certificate-data: Q0VSVA==}}
        contexts:
        - {name: here, context: {cluster: near, user: admin}}
        - {name: there, context: {cluster: far, user: robot, namespace: shop}}
        - {name: plain, context: {cluster: plain, user: admin}}
        - {name: blind, context: {cluster: blind, user: admin}}
        - {name: broken, context: {cluster: broken, user: admin}}
        - {name: helper, context: {cluster: near, user: helper}}
        - {name: half, context: {cluster: near, user: half}}
        - {name: lost, context: {cluster: nowhere, user: admin}}
        """

    private static let files = ["/conf/kube/config": text, "/conf/kube/ca.crt": "AUTHORITY", "/run/token": "t0ken\n"]

    private func access(_ context: String?, path: String = "/conf/kube/config") throws -> ClusterAccess {
        try Kubeconfig(path) { Self.files[$0].map { Array($0.utf8) } }.access(context: context)
    }

    @Test func theCurrentContextWithEverythingInline() throws {
        let access = try access(nil)
        #expect(access.server == "https://127.0.0.1:6443")
        #expect(access.tls.caPEM == Array("CA".utf8))
        #expect(access.tls.certificatePEM == Array("CERT".utf8))
        #expect(access.tls.keyPEM == Array("KEY".utf8))
        #expect(access.token == nil && access.namespace == nil && access.user == "admin" && access.context == "here")
    }

    @Test func anotherContextWithItsFiles() throws {
        let access = try access("there")
        #expect(access.server == "https://far.example:443/k8s")
        #expect(access.tls.caPEM == Array("AUTHORITY".utf8), "relative to the kubeconfig")
        #expect(access.tls.serverName == "api")
        #expect(access.token == "t0ken", "without the end of its line")
        #expect(access.namespace == "shop")
    }

    @Test func whatIsWrongIsSaidWithWhatToDo() throws {
        let rows: [(context: String, message: String)] = [
            ("moon", "no context is called \"moon\"; contexts: here, there, plain, blind, broken, helper, half, lost"),
            ("lost", "no cluster is called \"nowhere\"; clusters: near, far, plain, blind, broken"),
            ("plain", "cluster \"plain\": its server must be an address that begins with https://"),
            (
                "blind",
                "insecure-skip-tls-verify is not honoured: put the server's authority into certificate-authority-data"
            ),
            ("broken", "certificate-authority-data is not base 64"),
            (
                "helper",
                "user \"helper\" signs in by `exec`, which is not supported: give the user a client certificate or a token"
            ),
            (
                "half",
                "user \"half\" has half a client certificate: both client-certificate-data and client-key-data are needed"
            ),
        ]
        for row in rows {
            let error = #expect(throws: KubeconfigError.self, "\(row.context)") { try access(row.context) }
            #expect(error?.description.hasSuffix(row.message) == true, "\(row.context): \(error?.description ?? "")")
            #expect(error?.description.hasPrefix("/conf/kube/config: ") == true, "it says where")
        }
    }

    @Test func aFileThatIsNone() throws {
        let missing = #expect(throws: KubeconfigError.self) { try access(nil, path: "/nowhere") }
        #expect(
            missing?.description.contains("there is no kubeconfig at /nowhere; `reconcile serve` writes one") == true)
        let other = #expect(throws: KubeconfigError.self) { try access(nil, path: "/run/token") }
        #expect(other?.description == "/run/token is no kubeconfig: expected one document of kind Config")
    }
}
