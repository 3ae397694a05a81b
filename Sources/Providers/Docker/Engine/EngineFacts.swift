import Model
import Tree

/// What is known of an engine once it has answered.
struct EngineFacts: Sendable, Hashable {
    /// Of its machine, as `uname -m` says it.
    let architecture: String
    let isLinux: Bool
    let processors: Int
    /// It runs as a user of the machine without rights, who is root in its containers.
    let isRootless: Bool
    /// Users of its containers are others on its machine.
    let remapsUsers: Bool
    /// The engine's clock at the time of asking: its machine may be another one.
    let time: Timestamp?

    /// From the answer to `/info`.
    init(_ tree: Tree) {
        architecture = tree["Architecture"]?.string ?? ""
        isLinux = (tree["OSType"]?.string ?? "linux") == "linux"
        let options = tree["SecurityOptions"]?.array?.compactMap(\.string) ?? []
        isRootless = options.contains { $0.hasPrefix("name=rootless") }
        remapsUsers = options.contains { $0.hasPrefix("name=userns") }
        processors = Int(tree["NCPU"]?.int ?? 0)
        time = tree["SystemTime"]?.string.flatMap(Timestamp.init)
    }

    /// Images name an architecture as Go does.
    static func goName(_ architecture: String) -> String {
        switch architecture {
        case "x86_64": "amd64"
        case "aarch64", "arm64": "arm64"
        default: architecture
        }
    }
}
