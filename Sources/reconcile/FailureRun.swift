import Commands
import Model
import Preview
import Text
import Tree

/// `plan --simulate-failure`: the same run once more, with something failing in it, and what differs.
struct FailureRun {
    private let word: String
    private let request: PreviewRequest
    private let calm: PreviewReport
    private let part: PreviewRequest.Failure.Part
    private let trees: [ObjectKey: Tree]

    /// `trees`: every object that stands or is planned.
    init(
        _ word: String, _ request: PreviewRequest, _ calm: PreviewReport, _ trees: [ObjectKey: Tree]
    ) throws(CommandError) {
        self.word = word
        self.request = request
        self.calm = calm
        self.trees = trees
        part = try Self.part(word, calm, trees)
    }

    func forecast() -> PlanReport.FailureForecast {
        var request = request
        request.failure = .init(part, at: moment)
        let outcome = Preview.run(request)
        // What is stuck with nothing failing is not blocked by that.
        let before = Set((calm.pending + calm.failed).map(\.task))
        let blocked = (outcome.failure?.blocked ?? []).filter { !before.contains($0.task) }
        return .init(
            failure: word, downtime: outcome.failure?.downtime, extraCost: outcome.cost - calm.cost,
            moved: (outcome.failure?.moved ?? []).map(\.name),
            blocked: blocked.map { "\($0.task.name): \($0.message)" })
    }

    // MARK: What fails

    private static func part(
        _ word: String, _ calm: PreviewReport, _ trees: [ObjectKey: Tree]
    ) throws(CommandError) -> PreviewRequest.Failure.Part {
        let parts = word.split(separator: "=", maxSplits: 1).map(String.init)
        let name = parts.count == 2 ? parts[1] : ""
        let (space, short) = split(name)
        switch parts.first {
        case "region":
            try check(name, "region", of: trees.keys.filter { $0.kind == .region }.map(\.name))
            return .region(name)
        case "provider":
            let kinds = Set(trees.filter { $0.key.kind == .region }.compactMap { kind(of: $0.value)?.rawValue })
            try check(name, "provider", of: Array(kinds))
            return .provider(ProviderKind(rawValue: name) ?? .local)
        case "pool":
            // Pools that a plan makes stand nowhere yet.
            let keys = Set(trees.keys.filter { $0.kind == .workerPool } + calm.pools.map(\.key))
            try check(name, "pool", of: keys.map { "\($0.namespace)/\($0.name)" })
            return .pool(ObjectKey(.workerPool, space, short))
        case "worker":
            let standing = trees.filter { $0.key.kind == .worker && $0.value["status"]?["gone"]?.bool != true }
            let planned = calm.placements.map { "\($0.task.namespace)/\($0.worker)" }
            try check(name, "worker", of: Array(Set(standing.keys.map { "\($0.namespace)/\($0.name)" } + planned)))
            return .worker(ObjectKey(.worker, space, short))
        default:
            throw CommandError(
                .failed, "--simulate-failure \(word): expected region, provider, pool or worker, and its name")
        }
    }

    private static func split(_ name: String) -> (namespace: String, name: String) {
        guard let slash = name.firstIndex(of: "/") else { return ("default", name) }
        return (String(name[..<slash]), String(name[name.index(after: slash)...]))
    }

    private static let listed = 10

    private static func check(_ name: String, _ what: String, of names: [String]) throws(CommandError) {
        guard !names.contains(name) else { return }
        let known = names.sorted()
        let more = known.count > listed ? " and \(known.count - listed) more" : ""
        let all = known.isEmpty ? "there is none" : "there are \(known.prefix(listed).joined(separator: ", "))\(more)"
        let meant = NearestName.suggest(name, among: known).map { "Did you mean \(what)=\($0)?" as TerminalText }
        throw CommandError(
            .failed, "--simulate-failure \(what)=\(name): no such \(what) stands or is planned: \(all)", next: meant)
    }

    private static func kind(of region: Tree?) -> ProviderKind? {
        // try?: of a region that can't be read no provider is known; the preview itself leaves it alone.
        guard let region, let read = try? Region(tree: region) else { return nil }
        return read.spec.provider.kind
    }

    // MARK: When

    /// Early in the plan, while the first task runs there.
    private var moment: Duration {
        let runsNow = trees.contains { key, tree in
            guard key.kind == .task, ["Assigned", "Running"].contains(tree["status"]?["phase"]?.string),
                // try?: one that can't be read runs nowhere that is known.
                let place = tree["status"]?["assignment"].flatMap({ try? Assignment(tree: $0) })
            else { return false }
            return concerns(key.namespace, worker: place.worker, pool: place.pool, region: place.region)
        }
        let first = calm.placements.first {
            concerns($0.task.namespace, worker: $0.worker, pool: $0.pool, region: $0.region)
        }
        let start = runsNow ? .zero : first?.at ?? .zero
        let left = max(.zero, (calm.end ?? .hours(1)) - start)
        var into: Duration = min(.seconds(30), .milliseconds(left.milliseconds / 10))
        if !runsNow, let length = first?.length { into = min(into, .milliseconds(length.milliseconds / 2)) }
        return start + into
    }

    private func concerns(_ namespace: String, worker: String, pool: String, region: String) -> Bool {
        switch part {
        case .region(let name): region == name
        case .provider(let kind): Self.kind(of: trees[ObjectKey(.region, "", region)]) == kind
        case .pool(let key): key.namespace == namespace && key.name == pool
        case .worker(let key): key.namespace == namespace && key.name == worker
        }
    }
}
