/// Which names a server answers to. A page in a browser reaches a local server through a domain name that it points
/// at 127.0.0.1 (DNS rebinding), or from an origin of its own: both are refused.
struct HostPolicy: Sendable, Hashable {
    /// Besides addresses, which no page can rebind.
    let names: Set<String>

    init(names: Set<String>) { self.names = Set(names.map { $0.lowercased() }) }

    /// `host` and `origin` as the headers say them. Nil: welcome; otherwise why not.
    func refusal(host: String?, origin: String?) -> String? {
        guard let host, !host.isEmpty else { return "a request needs a Host header" }
        let name = Self.name(host).lowercased()
        guard names.contains(name) || Self.isAddress(name) else {
            return "the Host header names another server: use an address or localhost"
        }
        guard let origin else { return nil }
        return origin.lowercased() == "https://\(host.lowercased())" ? nil : "pages of another origin are not served"
    }

    /// Without the port.
    private static func name(_ host: String) -> String {
        if host.hasPrefix("[") { return String(host.dropFirst().prefix { $0 != "]" }) }
        return String(host.prefix { $0 != ":" })
    }

    private static func isAddress(_ name: String) -> Bool {
        let parts = name.split(separator: ".", omittingEmptySubsequences: false)
        if parts.count == 4, parts.allSatisfy({ UInt8($0) != nil }) { return true }
        return name.contains(":") && name.allSatisfy { $0.isHexDigit || $0 == ":" || $0 == "." }
    }
}
