import Tree

extension Tree {
    enum Standing: String { case yes = "True", no = "False" }

    /// What an object's Ready condition says, if that is how it stands.
    func message(_ standing: Standing) -> String? {
        self["status"]?["conditions"]?.array?
            .first { $0["type"]?.string == "Ready" && $0["status"]?.string == standing.rawValue }?["message"]?.string
    }
}
