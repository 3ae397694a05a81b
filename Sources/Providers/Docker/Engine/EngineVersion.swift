/// A version of the Engine API, such as 1.41.
struct EngineVersion: Sendable, Hashable, Comparable, CustomStringConvertible {
    let major: Int
    let minor: Int

    /// Docker 20.10: the first that has everything that is asked for here.
    static let oldest = EngineVersion(major: 1, minor: 41)
    /// The newest whose documentation the calls here were held against. A newer engine is spoken to in this one.
    static let newest = EngineVersion(major: 1, minor: 47)

    init(major: Int, minor: Int) {
        self.major = major
        self.minor = minor
    }

    init?(_ text: String) {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 2, let major = Int(parts[0]), let minor = Int(parts[1]), major >= 0, minor >= 0
        else { return nil }
        self.init(major: major, minor: minor)
    }

    static func < (a: EngineVersion, b: EngineVersion) -> Bool { (a.major, a.minor) < (b.major, b.minor) }
    var description: String { "\(major).\(minor)" }

    enum Negotiated: Sendable, Hashable {
        case speak(EngineVersion)
        /// Why not, and what to do.
        case impossible(String)
    }

    /// The newest that both sides know. `least` is the oldest that the engine still answers to.
    static func negotiate(engine: EngineVersion, least: EngineVersion) -> Negotiated {
        if engine < oldest {
            return .impossible(
                "the engine speaks API \(engine), and \(oldest) or newer is needed: upgrade it to Docker 20.10 or newer"
            )
        }
        if least > newest {
            return .impossible(
                "the engine asks for API \(least) or newer, and this release speaks up to \(newest): use a newer release "
                    + "of Reconcile, or let the engine answer older clients (DOCKER_MIN_API_VERSION=\(newest))")
        }
        return .speak(min(engine, newest))
    }
}
