import Model
import Text

extension NamespaceQuota {
    /// Out of `tasks=2000` and the like; a later one counts.
    init(arguments: [String]) throws(CommandError) {
        self.init()
        for argument in arguments {
            let parts = argument.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard parts.count == 2, let resource = Resource(rawValue: String(parts[0])),
                let limit = Self.limit(String(parts[1]))
            else {
                throw CommandError(
                    .failed,
                    "--namespace-quota \(argument): expected bytes, objects or tasks, and a whole number, such as tasks=2000 or bytes=512Mi"
                )
            }
            self[resource] = limit
        }
    }
}
