import Glibc

/// A directory that goes with its last reference, files included.
final class TemporaryDirectory: Sendable {
    let path: String

    init() throws {
        var template = Array("/tmp/http-tests-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw TestServer.SocketFailure(call: "mkdtemp", code: errno) }
        path = String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
    }

    deinit {
        guard let entries = opendir(path) else { return }
        while let entry = readdir(entries) {
            let name = withUnsafeBytes(of: entry.pointee.d_name) {
                String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
            }
            unlink("\(path)/\(name)")
        }
        closedir(entries)
        rmdir(path)
    }

    func file(_ name: String) -> String { "\(path)/\(name)" }

    func write(_ text: String, to name: String) throws {
        guard let stream = fopen(file(name), "w") else {
            throw TestServer.SocketFailure(call: "fopen", code: errno)
        }
        defer { fclose(stream) }
        fputs(text, stream)
    }

    func read(_ name: String) throws -> [UInt8] {
        guard let stream = fopen(file(name), "r") else {
            throw TestServer.SocketFailure(call: "fopen", code: errno)
        }
        defer { fclose(stream) }
        var bytes: [UInt8] = []
        while case let byte = fgetc(stream), byte >= 0 { bytes.append(UInt8(byte)) }
        return bytes
    }
}
