package import Model
import Ports
package import Tree

extension APIServer {
    /// Warnings about an object that is applied, given the regions that it names, by name, as far as they exist.
    package typealias Advice = @Sendable (_ kind: Kind, _ object: Tree, _ regions: [String: Tree]) -> [String]

    /// What the advice that this server was made with has to say of a pool, or of a plan that makes pools.
    func advisoryWarnings(_ kind: Kind, _ tree: Tree) async throws(StoreError) -> [String] {
        let spec = tree["spec"]
        let named: [String?]
        switch kind {
        case .workerPool: named = [spec?["region"]?.string]
        // A plan is long, and most make no pools: those are not read for this.
        case .executionPlan:
            named = spec?["regions"]?.array?.filter { $0["poolTemplate"] != nil }.map { $0["region"]?.string } ?? []
        default: return []
        }
        if named.isEmpty { return [] }
        var regions: [String: Tree] = [:]
        for name in named.compactMap({ $0 }) where regions[name] == nil {
            regions[name] = try await store.get(ObjectKey(.region, "", name))?.tree
        }
        return advice(kind, tree, regions)
    }
}
