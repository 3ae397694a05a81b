import Glibc
import Kernel

/// A fresh directory below /tmp, removed with the last reference.
package final class Scratch: Sendable {
    package let path: String

    package init() throws {
        var template = Array("/tmp/reconcile-test-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw SystemError("mkdtemp") }
        path = String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
    }

    deinit { try? Files.remove(path) }

    /// The content of a file in it; nil if there is none.
    package func text(_ name: String) throws -> String? {
        try Files.read("\(path)/\(name)", limit: 16 << 20).map { String(decoding: $0, as: UTF8.self) }
    }
}
