import Glibc
import Kernel
import ProcessKit
import Ports
import Serve
import Testing

@testable import reconcile

struct BundleStreamTests {
    private func stream(_ file: BundleFile) throws -> @Sendable () async throws -> [UInt8]? {
        guard case .stream(let next, _) = try file.stream() else { throw Unmet("it is no stream") }
        return next
    }

    @Test("A bundle goes out whole; one that is cut meanwhile breaks the response rather than ending it")
    func cut() async throws {
        let scratch = try Scratch()
        let path = "\(scratch.path)/bundle.tar.gz"
        let bytes = (0..<700_000).map { UInt8(truncatingIfNeeded: $0) }
        try Files.replace(path, bytes)
        let file = BundleFile(path: path, checksum: "")
        var seen: [UInt8] = []
        let whole = try stream(file)
        while let piece = try await whole() { seen += piece }
        #expect(seen == bytes)
        let broken = try stream(file)
        #expect(try await broken()?.isEmpty == false)
        #expect(truncate(path, 1000) == 0)
        let failure = await #expect(throws: ProviderError.self) { try await broken() }
        #expect(failure?.message.contains("of 700000 bytes") == true, "\(failure?.message ?? "")")
        #expect(throws: ProviderError.self) { try BundleFile(path: path + ".gone", checksum: "").stream() }
    }
}
