import Glibc
import Kernel
import ProcessKit
import Testing

/// Keys are the owner's alone, and damage to them is said.
@Suite(.crowd)
struct StateKeysTests {
    private func made() async throws -> Site {
        let site = try Site()
        let serving = try await site.serve("--bind-address", "127.0.0.1:0")
        kill(serving.pid, SIGTERM)
        #expect(try await site.end(of: serving) == 143)
        return site
    }

    private func refusal(_ site: Site) async throws -> String {
        let outcome = try await site.run("serve", "--bind-address", "127.0.0.1:0", within: .seconds(30))
        #expect(outcome.code != 0, "\(outcome)")
        return outcome.errors
    }

    @Test("what others may read or write is refused with the command that mends it")
    func modes() async throws {
        let site = try await made()
        for (name, mode, fix) in [
            ("ca.key", 0o644, "chmod 600"), ("credentials.key", 0o777, "chmod 600"), ("kubeconfig", 0o640, "chmod 600"),
            ("", 0o777, "chmod 700"), ("", 0o720, "chmod 700"),
        ] {
            let path = name.isEmpty ? site.state : "\(site.state)/\(name)"
            chmod(path, mode_t(mode))
            let said = try await refusal(site)
            #expect(said.contains("\(fix) \(path)"), "\(said)")
            let get = try await site.run("get", "xplan")
            #expect(get.code != 0 && get.errors.contains(fix), "every command that opens it: \(get)")
            chmod(path, name.isEmpty ? 0o700 : 0o600)
        }
        chmod(site.state, 0o755)
        #expect(try await site.run("get", "xplan").code == 0, "one that others could only list is closed")
        var status = stat()
        #expect(stat(site.state, &status) == 0 && status.st_mode & 0o777 == 0o700)
    }

    @Test("a key that is broken, emptied, exchanged or gone is named, and nothing is made anew")
    func damage() async throws {
        let site = try await made()
        let other = try await made()
        let names = ["ca.key", "ca.crt", "credentials.key"]
        func bytes(_ name: String, _ site: Site) throws -> [UInt8] {
            try #require(try Files.read("\(site.state)/\(name)", limit: 1 << 16))
        }
        let good = try names.map { try bytes($0, site) }
        for (index, name) in names.enumerated() {
            let path = "\(site.state)/\(name)"
            let spoilt: [(String, [UInt8]?)] = [
                ("emptied", []), ("broken", Array("-----BEGIN NOTHING-----\n".utf8)), ("gone", nil),
                ("cut", Array(good[index].dropLast(20))),
            ]
            for (how, content) in spoilt {
                if let content { try Files.replace(path, content) } else { try Files.remove(path) }
                let said = try await refusal(site)
                #expect(said.contains(path), "\(name) \(how): \(said)")
                #expect(!said.contains("invalidPEM") && !said.contains("Optional("), "\(said)")
                #expect(try Files.read(path, limit: 1 << 16) == content, "\(name) \(how): left as it was")
                try Files.replace(path, good[index])
            }
        }
        try Files.replace("\(site.state)/ca.key", try bytes("ca.key", other))
        #expect(try await refusal(site).contains("is not the key of the certificate beside it"))
        try Files.replace("\(site.state)/ca.key", good[0])
        #expect(try await site.run("get", "xplan").code == 0, "put back it works as before")
    }
}
