import Docker
import HTTP
import Kernel
import Ports
import Serve
import Synchronization

/// The archive that `hack/bundle` makes, beside this program or where `$RECONCILE_BUNDLE` says.
struct BundleFile: Sendable {
    let path: String
    /// SHA-256, hexadecimal.
    let checksum: String

    /// As `uname -m` says it.
    static var architecture: String {
        #if arch(arm64)
            "aarch64"
        #else
            "x86_64"
        #endif
    }

    static func find() throws(ProviderError) -> BundleFile {
        let program = WorkerProgram.ownProgram
        let directory = program.lastIndex(of: "/").map { String(program[..<$0]) } ?? "."
        let given = Environment.values["RECONCILE_BUNDLE"].flatMap { $0.isEmpty ? nil : $0 }
        let path = given ?? "\(directory)/reconcile-worker-\(architecture).tar.gz"
        // try?: the error names the file either way.
        guard let bytes = (try? Files.read(path + ".sha256", limit: 1024)) ?? nil, Files.exists(path) else {
            throw ProviderError(
                .unavailable,
                "there is no worker bundle at \(path): make it with hack/bundle, or say where it is with RECONCILE_BUNDLE"
            )
        }
        let text = String(decoding: bytes.prefix { $0 > 0x20 }, as: UTF8.self)
        guard text.utf8.count == 64, text.allSatisfy(\.isHexDigit) else {
            throw ProviderError(.unavailable, "\(path).sha256 holds no checksum: make the bundle anew with hack/bundle")
        }
        return BundleFile(path: path, checksum: text)
    }

    /// As long as it was when it was opened.
    private func upload() throws(ProviderError) -> HTTPUpload {
        do throws(SystemError) {
            let file = try Descriptor.open(path, .read)
            return HTTPUpload(length: try file.size()) { offset, most in try file.read(at: offset, upTo: most) }
        } catch {
            throw ProviderError(.unavailable, "the worker bundle can't be read (hack/bundle makes it): \(error)")
        }
    }

    var bundle: WorkerBundle {
        WorkerBundle(architecture: Self.architecture, checksum: checksum) {
            Result { () throws(ProviderError) in try upload() }
        }
    }

    // MARK: Over the gateway

    /// `GET /v1/bundle/ARCHITECTURE.tar.gz`, and the same with `.sha256`: for workers that fetch it. It holds no
    /// secret.
    static func answer(_ path: String) -> ServedResponse? {
        let prefix = "/v1/bundle/\(architecture).tar.gz"
        guard path == prefix || path == prefix + ".sha256" else { return nil }
        do throws(ProviderError) {
            let file = try find()
            if path != prefix {
                return ServedResponse(
                    status: 200, contentType: "text/plain",
                    body: .bytes(Array("\(file.checksum)  \(architecture).tar.gz\n".utf8)))
            }
            return ServedResponse(
                status: 200, contentType: "application/gzip", headers: [("ETag", "\"\(file.checksum)\"")],
                body: try file.stream())
        } catch {
            return ServedResponse(status: 404, contentType: "text/plain", body: .bytes(Array("\(error)\n".utf8)))
        }
    }

    private static let piece = 256 << 10

    /// As long as it was when it was opened: what can't be read, or is short by then, breaks the response.
    func stream() throws(ProviderError) -> ServedResponse.Body {
        let file: Descriptor
        let size: Int
        do throws(SystemError) {
            file = try Descriptor.open(path, .read)
            size = try file.size()
        } catch { throw ProviderError(.unavailable, "\(error)") }
        let sent = Sent()
        return .stream(
            next: { [path] in
                let offset = sent.count.withLock { $0 }
                guard offset < size else { return nil }
                let bytes = try file.read(at: offset, upTo: min(Self.piece, size - offset))
                guard !bytes.isEmpty else {
                    throw ProviderError(.unavailable, "\(path) was cut to \(offset) of \(size) bytes while it was sent")
                }
                sent.count.withLock { $0 += bytes.count }
                return bytes
            }, close: {})
    }

    private final class Sent: Sendable { let count = Mutex(0) }
}
