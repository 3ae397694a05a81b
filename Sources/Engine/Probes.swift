/// Checks of declared endpoints under way: one at a time for each target, host and port, whoever asks. The others of a
/// target wait their turn, each once.
struct Probes: Sendable {
    /// Endpoints by target.
    private var inFlight: [String: String] = [:]
    private var waiting: [String: [String]] = [:]

    /// Whether it is to be checked now. What is under way or waiting already is not asked for again.
    mutating func ask(_ endpoint: String) -> Bool {
        let target = Self.target(of: endpoint)
        guard let current = inFlight[target] else {
            inFlight[target] = endpoint
            return true
        }
        if current != endpoint, waiting[target]?.contains(endpoint) != true {
            waiting[target, default: []].append(endpoint)
        }
        return false
    }

    /// What is to be checked next of the same target.
    mutating func answered(_ endpoint: String) -> String? {
        let target = Self.target(of: endpoint)
        guard var left = waiting.removeValue(forKey: target), !left.isEmpty else {
            inFlight[target] = nil
            return nil
        }
        let next = left.removeFirst()
        inFlight[target] = next
        if !left.isEmpty { waiting[target] = left }
        return next
    }

    /// `host:port`, in small letters, whatever the scheme, the credentials and the path.
    static func target(of endpoint: String) -> String {
        var rest = Substring(endpoint)
        var port = ""
        for (scheme, standard) in [("https://", ":443"), ("http://", ":80"), ("tcp://", "")]
        where rest.hasPrefix(scheme) {
            rest = rest.dropFirst(scheme.count)
            port = standard
            break
        }
        var authority = rest.prefix { $0 != "/" && $0 != "?" && $0 != "#" }
        if let at = authority.lastIndex(of: "@") { authority = authority[authority.index(after: at)...] }
        let hasPort = authority.hasSuffix("]") ? false : authority.lastIndex(of: ":") != nil
        return authority.lowercased() + (hasPort ? "" : port)
    }
}
