import Kernel
import ProcessKit
import Testing
import Tree

/// An engine over TCP with certificates on both sides.
@Suite(.crowd, .enabled(if: TestEngine.network != nil, TestEngine.hint), .timeLimit(.minutes(5)))
struct EngineNetworkTests {
    @Test(
        "A plan runs on an engine over TLS; a wrong authority, or no certificate, is a condition that says what to do")
    func tls() async throws {
        try await onEngine { site, engine in
            let host = try #require(TestEngine.network)
            let address = String(host.dropFirst("tcp://".count).prefix { $0 != ":" })
            try await site.serve("--cluster-id", engine.clusterID)
            try await site.apply(
                "secrets.yaml", try Self.secret("engine", authority: "ca", client: true),
                try Self.secret("stranger", authority: "other", client: true),
                try Self.secret("nobody", authority: "ca", client: false))
            func region(_ name: String, _ secret: String?) -> String {
                let reference = secret.map { ", secretRef: {name: \($0)}" } ?? ""
                return
                    "apiVersion: reconcile.dev/v1alpha1\nkind: Region\nmetadata: {name: \(name)}\nspec: {provider: {docker: "
                    + "{host: \"\(host)\", gatewayAddress: \(address), image: \"\(TestEngine.busybox)\"\(reference)}}}\n"
            }
            let manifests = try await site.apply(
                "plan.yaml", region("here", "engine"), region("wrong-authority", "stranger"),
                region("no-certificate", "nobody"), region("no-tls", nil), region("no-secret", "absent"),
                Manifest.pool(workers: 1, worker: "resources: {memory: 256Mi}"),
                Manifest.plan("work", [Manifest.task("t", Manifest.shell("echo over TLS"))]))
            let rows = [
                ("wrong-authority", ["no TLS with the Docker engine at \(host)", "ca.pem"]),
                ("no-certificate", ["cert.pem", "spec.provider.docker.secretRef"]),
                ("no-tls", ["asks for TLS", "spec.provider.docker.secretRef"]),
                ("no-secret", ["secret default/absent", "create it"]),
            ]
            for (name, texts) in rows {
                let region = try await site.await("rgn/\(name)", "says why") { $0.message(.no) != nil }
                let message = region.message(.no) ?? ""
                for text in texts { #expect(message.contains(text), "\(name): \(message)") }
            }
            try await site.awaitPlan("work", within: .seconds(90))
            let here = try await site.object("rgn/here")
            #expect(here.message(.yes)?.contains("docker provider answers") == true)
            #expect(try await site.succeed("logs", "xtask/work-t").output.contains("over TLS"))
            try await site.succeed("delete", "-f", manifests)
            try await eventually("the engine is as it was", within: .seconds(30)) { try await engine.isClean() }
        }
    }

    /// The tests' certificates as a Secret.
    private static func secret(_ name: String, authority: String, client: Bool) throws -> String {
        let directory = try #require(TestEngine.directory)
        var text = "apiVersion: v1\nkind: Secret\nmetadata: {name: \(name)}\nstringData:\n"
        let files = [("ca.pem", authority)] + (client ? [("cert.pem", "client"), ("key.pem", "client-key")] : [])
        for (key, file) in files {
            let pem = try #require(try Files.read("\(directory)/tls/\(file).pem", limit: 1 << 20))
            text += "  \(key): |\n"
            for line in String(decoding: pem, as: UTF8.self).split(separator: "\n") { text += "    \(line)\n" }
        }
        return text
    }
}
