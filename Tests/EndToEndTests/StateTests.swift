import Kernel
import Testing
import Tree

/// States that can't be used: each is one clear error, code 1, and the files stay as they are.
@Suite(.crowd)
struct StateTests {
    private func refused(_ outcome: Outcome, _ says: String...) {
        #expect(outcome.code == 1, "\(outcome)")
        #expect(outcome.output.isEmpty, "\(outcome)")
        for text in says { #expect(outcome.errors.contains(text), "\(text)? \(outcome)") }
        #expect((1...4).contains(outcome.errors.split(separator: "\n").count), "one error: \(outcome)")
    }

    @Test("A state that is a file, or where nothing can be written")
    func unwritable() async throws {
        let site = try Site()
        let file = try site.write("file", "not a directory")
        refused(try await site.run(["get", "rgn"], instead: file), file)
        refused(try await site.run(["get", "rgn"], instead: "/proc/reconcile-test"), "/proc/reconcile-test")
        refused(try await site.run(["serve", "--local"], instead: file), file)
    }

    @Test("A database that is damaged, or no database at all")
    func corrupt() async throws {
        for damage in Damage.allCases {
            let site = try Site()
            try await site.apply("region.yaml", Manifest.region())
            let database = site.state + "/state.db"
            for name in try Files.names(in: site.state) where name.hasPrefix("state.db-") {
                try Files.remove("\(site.state)/\(name)")
            }
            let bytes = try #require(try Files.read(database, limit: 64 << 20))
            let broken = damage.of(bytes)
            try Files.replace(database, broken)
            for words in [
                ["get", "rgn"], ["serve", "--local"],
                ["--once", "--local", "-f", try site.write("r.yaml", Manifest.region())],
            ] {
                refused(try await site.run(words), "state.db")
            }
            #expect(
                try Files.read(database, limit: 64 << 20) == broken, "\(damage): nothing is repaired by overwriting")
        }
    }

    private enum Damage: CaseIterable {
        case text, header, newer

        func of(_ bytes: [UInt8]) -> [UInt8] {
            var bytes = bytes
            switch self {
            case .text: return Array(repeatElement("not a database\n", count: 100).joined().utf8)
            case .header: for index in bytes.indices.prefix(16) { bytes[index] = 0xFF }
            // The user version of the file format: four bytes, the highest first, at 60.
            case .newer: (bytes[60], bytes[61], bytes[62], bytes[63]) = (0, 0, 0x7F, 0xFF)
            }
            return bytes
        }
    }

    @Test("A state keeps the cluster id that it was made with: another is refused rather than passed over")
    func clusterID() async throws {
        let site = try Site()
        let manifest = try site.write("region.yaml", Manifest.region())
        let made = try await site.run("--once", "-f", manifest, "--cluster-id", "first")
        #expect(made.code == 0, "\(made)")
        #expect(try await site.run("--once", "-f", manifest, "--cluster-id", "first").code == 0)
        let refused = try await site.run("serve", "--cluster-id", "second")
        #expect(refused.code == 1, "\(refused)")
        for text in ["cluster id first", "second", "--state"] { #expect(refused.errors.contains(text), "\(refused)") }
    }
}
