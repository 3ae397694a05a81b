/// `HOST:PORT` of an option; `:PORT` is every address of this machine, as controllers of Kubernetes have it.
struct ListenAddress: Sendable {
    let host: String
    let port: Int

    init(_ text: String, option: String) throws {
        guard let colon = text.lastIndex(of: ":"), let port = UInt16(text[text.index(after: colon)...]) else {
            throw Stopped(description: "\(option) \(text): expected HOST:PORT, for example 127.0.0.1:8080")
        }
        let host = String(text[..<colon])
        self.host = host.isEmpty ? "0.0.0.0" : host
        self.port = Int(port)
    }

    /// Nil where the option was not given, or is `0`, which turns it off.
    static func optional(_ text: String?, option: String) throws -> ListenAddress? {
        guard let text, text != "0" else { return nil }
        return try ListenAddress(text, option: option)
    }
}
