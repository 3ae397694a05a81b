import Glibc

extension Files {
    /// What a symbolic link points at.
    package static func target(of link: String) throws(SystemError) -> String {
        var buffer = [CChar](repeating: 0, count: 4096)
        let count = readlink(link, &buffer, buffer.count)
        guard count > 0 else { throw SystemError("readlink", link) }
        return String(decoding: buffer[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    /// The whole of a file in a directory that somebody else writes to: a link is not followed, and what is no file is
    /// not waited for. Nil if there is none.
    package static func readForeign(_ path: String, limit: Int) throws(SystemError) -> [UInt8]? {
        do throws(SystemError) {
            let file = try Descriptor.open(path, [.read, .noFollow, .nonBlocking])
            let bytes = try file.readAll(limit: limit)
            guard file.isRegularFile else { throw SystemError("read", code: EINVAL) }
            return bytes
        } catch  where error.isNotFound {
            return nil
        } catch {
            throw SystemError(error.call, path, code: error.code)
        }
    }

    /// Makes it another's; a link itself, not what it points at.
    package static func give(_ path: String, user: Int, group: Int) throws(SystemError) {
        guard lchown(path, uid_t(user), gid_t(group)) == 0 else { throw SystemError("chown", path) }
    }

    /// Others may go through that directory and see its names.
    package static func letThrough(_ path: String) throws(SystemError) {
        guard chmod(path, 0o755) == 0 else { throw SystemError("chmod", path) }
    }

    /// For its owner only.
    package static func restrict(_ path: String) throws(SystemError) {
        guard chmod(path, 0o600) == 0 else { throw SystemError("chmod", path) }
    }
}
