/// Where an engine listens, as `DOCKER_HOST` writes it: `unix:///PATH`, or `tcp://HOST:PORT`.
package struct EngineAddress: Sendable, Hashable {
    package static let standard = "unix:///var/run/docker.sock"

    /// As it was given, for errors.
    package let text: String
    /// Nil: over the network.
    package let socket: String?
    private let authority: String

    /// Whether containers of that engine share a machine with this program, as far as the address tells.
    package var isHere: Bool { socket != nil }

    /// Nil where it is no such address; `explanation` says what one is.
    package init?(_ text: String) {
        self.text = text
        if text.hasPrefix("unix://") {
            let path = String(text.dropFirst("unix://".count))
            guard path.hasPrefix("/"), path.utf8.count <= 107 else { return nil }
            socket = path
            authority = "docker"
            return
        }
        guard text.hasPrefix("tcp://") else { return nil }
        let rest = text.dropFirst("tcp://".count)
        guard let colon = rest.lastIndex(of: ":"), colon != rest.startIndex,
            let port = UInt16(rest[rest.index(after: colon)...]), port > 0,
            rest.utf8.allSatisfy({ $0 > 0x20 && $0 != 0x7f && !"/?#@".utf8.contains($0) })
        else { return nil }
        socket = nil
        authority = String(rest)
    }

    package static let explanation = "expected unix:///PATH, of 107 bytes at most, or tcp://HOST:PORT"

    /// Without a path. Over the network it is TLS where there are certificates.
    func base(tls: Bool) -> String { "\(socket == nil && tls ? "https" : "http")://\(authority)" }
}
