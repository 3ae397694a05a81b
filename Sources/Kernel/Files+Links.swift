import Glibc

extension Files {
    /// What a symbolic link points at.
    package static func target(of link: String) throws(SystemError) -> String {
        var buffer = [CChar](repeating: 0, count: 4096)
        let count = readlink(link, &buffer, buffer.count)
        guard count > 0 else { throw SystemError("readlink", link) }
        return String(decoding: buffer[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    /// For its owner only.
    package static func restrict(_ path: String) throws(SystemError) {
        guard chmod(path, 0o600) == 0 else { throw SystemError("chmod", path) }
    }
}
