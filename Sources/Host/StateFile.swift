import Documents
package import Kernel
package import Tree

/// One value kept on disk: it survives the process and a loss of power, and is never seen half-written. What the agent
/// must remember across restarts, the highest epoch and the fences, is in one.
package struct StateFile: Sendable {
    package let path: String

    private static let limit = 1 << 20

    package init(_ path: String) { self.path = path }

    /// Nil if nothing was saved yet. A file that can't be read back is an error: it is not for us to throw away.
    package func load() throws -> Tree? {
        guard let bytes = try Files.read(path, limit: Self.limit) else { return nil }
        return try JSON.parse(bytes, source: SourceName(path))
    }

    package func save(_ tree: Tree) throws(SystemError) {
        try Files.replace(path, JSON.encode(tree), durable: true)
    }
}
