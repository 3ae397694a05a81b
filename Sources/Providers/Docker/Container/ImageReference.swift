/// An image as people write it, split as the engine's pull takes it: `debian`, `debian:stable-slim`,
/// `host:5000/name@sha256:…` (distribution/reference).
struct ImageReference: Sendable, Hashable {
    let text: String
    let name: String
    /// A tag or a digest; `latest` where there is none, or a pull would fetch every tag.
    let tag: String

    init(_ text: String) {
        self.text = text
        if let at = text.firstIndex(of: "@") {
            name = String(text[..<at])
            tag = String(text[text.index(after: at)...])
            return
        }
        let slash = text.lastIndex(of: "/") ?? text.startIndex
        if let colon = text[slash...].lastIndex(of: ":") {
            name = String(text[..<colon])
            tag = String(text[text.index(after: colon)...])
        } else {
            name = text
            tag = "latest"
        }
    }
}
