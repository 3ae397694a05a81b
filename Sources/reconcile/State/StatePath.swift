import Commands
import Glibc
import Kernel

/// Where the state is: `--state`, `$RECONCILE_STATE`, `$XDG_STATE_HOME/reconcile`, `~/.local/state/reconcile`
/// (XDG Base Directory Specification 0.8).
enum StatePath {
    static func resolve(_ given: String?) -> String { found(given).path }

    static func settings(_ given: String?) -> [Setting] {
        let state = found(given)
        return [
            Setting(Setting.state, state.path, from: state.source),
            Setting("socket", socket(in: state.path), from: "the state directory"),
        ]
    }

    private static func found(_ given: String?) -> (path: String, source: String) {
        if let given, !given.isEmpty { return (absolute(given), "--state") }
        if let variable = environment("RECONCILE_STATE") { return (absolute(variable), "$RECONCILE_STATE") }
        if let base = environment("XDG_STATE_HOME"), base.hasPrefix("/") {
            return (base + "/reconcile", "$XDG_STATE_HOME")
        }
        return ((environment("HOME") ?? "/root") + "/.local/state/reconcile", "default")
    }

    static func socket(in state: String) -> String { state + "/api.sock" }

    private static func absolute(_ path: String) -> String {
        if path.hasPrefix("/") { return path }
        guard let here = getcwd(nil, 0) else { return path }
        defer { free(here) }
        return String(cString: here) + "/" + path
    }

    private static func environment(_ name: String) -> String? {
        Environment.values[name].flatMap { $0.isEmpty ? nil : $0 }
    }
}
