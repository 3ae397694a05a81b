import Glibc

/// This process's environment, read once.
enum Environment {
    /// `NAME=VALUE`, in the order of the process.
    static let entries: [String] = {
        var entries: [String] = []
        var next = environ
        while let entry = next.pointee {
            entries.append(String(cString: entry))
            next += 1
        }
        return entries
    }()

    static let values: [String: String] = Dictionary(
        entries.map { entry in
            let parts = entry.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            return (String(parts[0]), parts.count > 1 ? String(parts[1]) : "")
        }, uniquingKeysWith: { first, _ in first })
}
