import Model
import Tree

/// The small and the wide world: everything that a person may write in a spec is written in some of them, and people go
/// on acting while plans run.
struct WideScript {
    var chance: Chance
    let isSmall: Bool
    let calm: Duration
    private(set) var deeds: [Scenario.Timed] = []

    var regions: [(name: String, kind: ProviderKind)] = []
    var pools: [(name: String, namespace: String, region: Int)] = []
    var plans: [ExecutionPlan] = []
    /// Of a world about one thing: which of its kind.
    var variant: UInt64 = 0
    /// Outside parties that somebody will announce.
    var arrivals: [(point: ObjectKey, party: String)] = []

    static func draw(
        _ chance: inout Chance, isSmall: Bool, calm: Duration, regions count: Int, _ focus: Focus?, seed: UInt64
    ) -> [Scenario.Timed] {
        var script = WideScript(chance: chance, isSmall: isSmall, calm: calm)
        script.variant = seed / Focus.every
        if let focus { script.draw(focus) } else { script.run(regions: count) }
        chance = script.chance
        return script.deeds.sorted { $0.at < $1.at }
    }

    private init(chance: Chance, isSmall: Bool, calm: Duration) {
        self.chance = chance
        self.isSmall = isSmall
        self.calm = calm
    }

    private mutating func run(regions count: Int) {
        for index in 0..<count { add(0...1000, Manifest.create(region(index))) }
        let more = chance.below(isSmall ? 2 : 3)
        for index in 0..<(count + more) {
            let here = index < count ? index : chance.below(count)
            let pool = pool("pool-\(index)", Scenario.namespace, in: here)
            add(0...1500, Manifest.create(pool))
        }
        if !isSmall, chance.percent(20) {
            let pool = pool("\(Self.neighbour)-pool", Self.neighbour, in: chance.below(count))
            add(0...1500, Manifest.create(pool))
        }
        if chance.percent(50) { add(0...500, .create(Self.secretKey, secret())) }
        let plans = isSmall ? 1 : chance.within(1...3)
        for index in 0..<plans {
            let tasks = isSmall ? chance.within(1...4) : chance.within(1...12)
            let plan = plan("plan-\(index)", tasks: tasks)
            self.plans.append(plan)
            add(0...3000, Manifest.create(plan))
        }
        if chance.percent(isSmall ? 8 : 25) { userPoint() }
        people()
    }

    mutating func add(_ range: ClosedRange<Int>, _ deed: Deed) {
        deeds.append(.init(at: .milliseconds(Int64(chance.within(range))), deed: deed))
    }

    mutating func add(at milliseconds: Int, _ deed: Deed) {
        deeds.append(.init(at: .milliseconds(Int64(milliseconds)), deed: deed))
    }

    /// Another tenant, whose names nobody else may read.
    static let neighbour = "neighbour"
    static let secretKey = ObjectKey(.secret, Scenario.namespace, "creds")
    static let secretText = "dGhlLXNlY3JldC13b3Jk"
    static let secretPlain = "the-secret-word"

    private mutating func secret() -> Tree {
        let metadata = Manifest.metadata("creds", &chance)
        return [
            "apiVersion": "v1", "kind": "Secret", "metadata": metadata.tree,
            "data": ["password": .string(Self.secretText)],
        ]
    }
}

extension Chance {
    /// A value at or around its bounds, and now and then one from between.
    mutating func around(_ range: ClosedRange<Int>, usual: Int) -> Int {
        switch below(8) {
        case 0: range.lowerBound
        case 1: min(range.lowerBound + 1, range.upperBound)
        case 2: range.upperBound
        case 3: max(range.upperBound - 1, range.lowerBound)
        default: usual
        }
    }

    /// `from` of the choices, each at most once.
    mutating func some<Element>(_ items: [Element], _ share: Int) -> [Element] {
        items.filter { _ in percent(share) }
    }

    mutating func seconds(_ choices: Int...) -> Duration { .seconds(Int64(pick(choices))) }
    mutating func dollars(_ choices: String...) -> Money { Money(pick(choices)) ?? .zero }
    mutating func decimal(_ choices: String...) -> Decimal { Decimal(pick(choices)) ?? .one }
}
