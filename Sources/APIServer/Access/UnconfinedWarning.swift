import Model
import Ports
import Tree

extension APIServer {
    /// Who may write plans may run tasks, and tasks that nothing confines may do what the controller's user may. Said
    /// where such an account and such a region come together, whichever comes second.
    func unconfinedWarnings(_ kind: Kind, _ tree: Tree) async throws(StoreError) -> [String] {
        switch kind {
        case .serviceAccount:
            guard Self.maySubmit(tree) else { return [] }
            let regions = try await store.list(StoreQuery(kinds: [.region])).objects.filter { Self.isOpen($0.tree) }
            guard let first = regions.first else { return [] }
            return [Self.warning("this account", region: first.key.name)]
        case .region:
            guard Self.isOpen(tree) else { return [] }
            let accounts = try await store.list(StoreQuery(kinds: [.serviceAccount])).objects
            guard let first = accounts.first(where: { Self.maySubmit($0.tree) }) else { return [] }
            return [
                Self.warning(
                    "ServiceAccount \(first.key.namespace)/\(first.key.name)",
                    region: tree["metadata"]?["name"]?.string ?? "")
            ]
        default: return []
        }
    }

    private static func warning(_ who: String, region: String) -> String {
        "\(who) may run tasks, and those in region \(region) are not confined: they can read the controller's state, its "
            + "keys and the Secrets of every namespace; set spec.provider.local.isolation: Required on the region"
    }

    private static func maySubmit(_ account: Tree) -> Bool {
        let word = account["metadata"]?["annotations"]?[Role.annotation]?.string
        return [Role.edit, .admin, .coordinator].contains { $0.rawValue == word }
    }

    private static func isOpen(_ region: Tree) -> Bool {
        guard let local = region["spec"]?["provider"]?["local"] else { return false }
        if local["isolation"]?.string == LocalRegion.Isolation.none.rawValue { return true }
        let conditions = region["status"]?["conditions"]?.array ?? []
        return conditions.contains {
            $0["type"]?.string == ConditionType.isolated.rawValue && $0["status"]?.string == "False"
        }
    }
}
