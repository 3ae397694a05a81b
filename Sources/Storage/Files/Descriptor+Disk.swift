import Glibc
package import Kernel

/// What the disk layer asks of a file beyond reading and writing.
extension Descriptor {
    func truncate() throws(SystemError) {
        if ftruncate(raw, 0) != 0 { throw SystemError("ftruncate") }
    }

    func sync() throws(SystemError) {
        if fsync(raw) != 0 { throw SystemError("fsync") }
    }
}

extension Files {
    /// Puts a finished file in its place, durably: afterwards either nothing, or the whole file, is under that name.
    package static func move(_ path: String, to target: String) throws(SystemError) {
        try Descriptor.open(path, .both).sync()
        if rename(path, target) != 0 { throw SystemError("rename", target) }
        try Descriptor.open(parent(of: target), .read).sync()
    }

    static func parent(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }
}
