import ArgumentParser
import Client
import Model
import Text
import Tree

struct ScaleCommand: Verb {
    static let configuration = CommandConfiguration(
        commandName: "scale", abstract: "Sets the number of workers of pools.",
        discussion:
            """
            A pool with `autoscaling` sizes itself: there `replicas` is kept and has no effect, unless all plans that use \
            the pool have `scaling: Manual`.

            \(Exit.common)
            """)

    @Argument(help: ArgumentHelp("Pools: wpool/NAME.", valueName: "pool")) var words: [String]
    @Option(parsing: .unconditional, help: ArgumentHelp("How many workers.", valueName: "n")) var replicas: Int
    @OptionGroup var space: NamespaceArguments
    @OptionGroup var global: GlobalArguments

    func perform(_ context: Context) async throws -> Exit {
        guard replicas >= 0 else { throw CommandError(.failed, "--replicas \(replicas): can't be negative") }
        let objects = try await context.objects()
        for word in words {
            let key = try ObjectNames.one([word], namespace: context.namespace(space), default: .workerPool)
            guard key.kind == .workerPool else {
                throw CommandError(
                    .failed, "a \(key.kind.rawValue) can't be scaled",
                    next: "Workers are scaled by their pool: wpool/NAME.")
            }
            let pool = try await Finder(objects: objects).find(key)
            _ = try await objects.mergePatch(key, ["spec": ["replicas": .int(Int64(replicas))]])
            context.output.line("\(key.resourceName) scaled")
            if let autoscaling = pool["spec"]?["autoscaling"], !autoscaling.isNull, !Self.isAdvised(pool) {
                context.warn(
                    "\(key.name) has autoscaling, which decides its size: set minWorkers and maxWorkers instead")
            } else if let bound = Self.bound(replicas, of: pool) {
                context.warn("\(key.name) \(bound)")
            }
        }
        try await context.next()
        return .done
    }

    /// Its size is left to people.
    private static func isAdvised(_ pool: Tree) -> Bool {
        pool["status"]?["conditions"]?.array?.contains {
            $0["type"]?.string == ConditionType.scaleRecommended.rawValue
        } == true
    }

    /// Why it will not have that many workers; nil where it will.
    private static func bound(_ replicas: Int, of pool: Tree) -> String? {
        let most = Int(pool["spec"]?["maxWorkers"]?.int ?? 10)
        if replicas > most { return "has at most \(most) (spec.maxWorkers): it will have \(most)" }
        let least = Int(pool["spec"]?["minWorkers"]?.int ?? 0)
        if replicas < least { return "has at least \(least) (spec.minWorkers): it will have \(least)" }
        return nil
    }
}
