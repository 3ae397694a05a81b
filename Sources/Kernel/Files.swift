import CLinux
import Glibc

/// Small files and directories, all of them the owner's alone.
package enum Files {
    package static func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }

    /// Makes one directory (0700); false if there is one already.
    @discardableResult
    package static func makeDirectory(_ path: String) throws(SystemError) -> Bool {
        if mkdir(path, 0o700) == 0 { return true }
        guard errno == EEXIST else { throw SystemError("mkdir", path) }
        return false
    }

    /// Makes a directory and those above it.
    package static func makeDirectories(_ path: String) throws(SystemError) {
        if exists(path) { return }
        if let slash = path.lastIndex(of: "/"), slash != path.startIndex {
            try makeDirectories(String(path[..<slash]))
        }
        try makeDirectory(path)
    }

    /// The whole file; nil if there is none.
    package static func read(_ path: String, limit: Int) throws(SystemError) -> [UInt8]? {
        do throws(SystemError) {
            return try Descriptor.open(path, .read).readAll(limit: limit)
        } catch  where error.isNotFound {
            return nil
        } catch {
            throw SystemError(error.call, path, code: error.code)
        }
    }

    /// Puts the file in place in one step: a reader sees the old content or the new, whatever dies meanwhile. `durable`
    /// makes it survive a loss of power too. One writer at a time.
    package static func replace(_ path: String, _ bytes: [UInt8], durable: Bool = false) throws(SystemError) {
        let fresh = path + ".new"
        let file = try make(fresh)
        try file.writeAll(bytes)
        if durable { try check("fsync", fresh) { fsync(file.raw) } }
        try check("rename", path) { rename(fresh, path) }
        if durable, let slash = path.lastIndex(of: "/") {
            let directory = try Descriptor.open(String(path[..<slash]), .read)
            try check("fsync", path) { fsync(directory.raw) }
        }
    }

    /// A new file for writing. What stands under its name goes first, a link without being followed: it was left by a
    /// writer that died, or planted by one who hoped that we write through it.
    package static func make(_ path: String) throws(SystemError) -> Descriptor {
        for _ in 0..<8 {
            do throws(SystemError) {
                return try Descriptor.open(path, [.write, .create, .exclusive, .noFollow])
            } catch  where error.code == EEXIST { try remove(path) }
        }
        throw SystemError("open", path, code: EEXIST)
    }

    /// The names in a directory, sorted; empty if there is none.
    package static func names(in directory: String) throws(SystemError) -> [String] {
        guard let stream = opendir(directory) else {
            if errno == ENOENT { return [] }
            throw SystemError("opendir", directory)
        }
        return names(of: stream).sorted()
    }

    /// Reads it to its end, and closes it.
    static func names(of stream: OpaquePointer) -> [String] {
        defer { closedir(stream) }
        var names: [String] = []
        while let entry = Glibc.readdir(stream) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { field in
                field.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name != "." && name != ".." { names.append(name) }
        }
        return names
    }

    /// Removes a file, or a directory with all that is in it, however deep; nothing there is no error. Links are not
    /// followed.
    package static func remove(_ path: String) throws(SystemError) {
        if unlink(path) == 0 || errno == ENOENT { return }
        guard errno == EISDIR || errno == EPERM else { throw SystemError("unlink", path) }
        try DirectoryRemoval.run(path)
    }

    /// When the file was last written, seconds of the wall clock; nil if there is none.
    package static func modified(_ path: String) -> Int? {
        var status = stat()
        return lstat(path, &status) == 0 ? status.st_mtim.tv_sec : nil
    }

    /// Marks a file as written now, with nothing written.
    package static func touch(_ path: String) throws(SystemError) {
        if utimensat(AT_FDCWD, path, nil, 0) != 0 { throw SystemError("utimensat", path) }
    }
}
