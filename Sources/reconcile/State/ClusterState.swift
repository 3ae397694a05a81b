import Client
import Commands
import HTTP
import Kernel

/// The state as a server elsewhere holds it: what `--kubeconfig` and `--context` lead to.
enum ClusterState {
    /// Nil: neither was given, the state is on this machine.
    static func access(_ options: GlobalOptions) throws -> ClusterAccess? {
        guard options.kubeconfig != nil || options.context != nil else { return nil }
        guard options.state == nil else {
            throw Stopped(description: "--state and --kubeconfig both say where the state is: leave one of them out")
        }
        let file = try Kubeconfig(path(options)) { try Files.read($0, limit: 1 << 20) }
        return try file.access(context: options.context)
    }

    static func client(_ options: GlobalOptions) throws -> RemoteClient? {
        try access(options).map { RemoteClient($0, http: HTTPClient()) }
    }

    static func settings(_ options: GlobalOptions) -> [Setting] {
        var settings = [Setting("kubeconfig", path(options), from: source(options))]
        do {
            guard let access = try access(options) else { return [] }
            settings.append(
                Setting("context", access.context, from: options.context == nil ? "kubeconfig" : "--context"))
            settings.append(Setting("server", access.server, from: "kubeconfig"))
            settings.append(Setting("user", access.user, from: "kubeconfig"))
            settings.append(Setting("namespace", access.namespace ?? "default", from: "kubeconfig"))
        } catch {
            settings.append(Setting("server", nil, from: "\(error)"))
        }
        return settings
    }

    /// `--kubeconfig`, `$KUBECONFIG` (its first file), else `~/.kube/config`.
    private static func path(_ options: GlobalOptions) -> String {
        if let given = options.kubeconfig { return given }
        if let first = variable?.split(separator: ":").first { return String(first) }
        return (Environment.values["HOME"] ?? "/root") + "/.kube/config"
    }

    private static func source(_ options: GlobalOptions) -> String {
        if options.kubeconfig != nil { return "--kubeconfig" }
        return variable == nil ? "default" : "$KUBECONFIG"
    }

    private static var variable: String? { Environment.values["KUBECONFIG"].flatMap { $0.isEmpty ? nil : $0 } }
}
