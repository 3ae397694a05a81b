/// What this program calls itself.
enum Release {
    static let version = "0.1.0"
}
