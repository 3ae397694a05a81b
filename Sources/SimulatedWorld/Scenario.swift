package import Model
import Ports
package import Tree

/// What a seed stands for: the objects people apply and when, the faults, and how the providers are made. The run
/// itself draws what is left to chance from the same seed.
package struct Scenario: Sendable {
    package enum Kind: String, Sendable, Hashable, CaseIterable {
        /// Pools scaled, drained, deleted; plans of tasks: few fields, judged by what must come of them.
        case pool, plan
        /// A world of few objects in which anything may be written, and one of more of them and of more people.
        case small, wide

        var isDrawnWide: Bool { self == .small || self == .wide }
    }

    /// How a provider keeps names: after a release, one with tombstones makes nothing under the name any more; the
    /// other does.
    package enum Naming: Sendable, Hashable { case tombstones, reusable }

    package let seed: UInt64
    package let kind: Kind
    package var mutant: Mutant?
    package var faults: [Fault]
    package var regions: [Naming] = []
    package var deeds: [Timed] = []
    /// From then on nothing goes wrong.
    package let calm: Duration
    /// How long a converged world must stay at rest.
    package let rest: Duration
    /// The wall clock at the start: now and then a day ends during a run.
    package private(set) var begins = World.epochStart
    /// Every region is served by processes of one machine.
    package private(set) var rehearsal = false
    /// Changes that the store keeps for watches.
    package private(set) var history = 10_000
    /// Agents that find a container engine.
    package private(set) var engines = false

    package struct Timed: Sendable {
        package let at: Duration
        package let deed: Deed
        /// Its place among all that was drawn.
        package var number = 0
        package var summary: String { "\(at.text) \(Witness.gist(deed))" }
    }

    package init(seed: UInt64, kind: Kind, mutant: Mutant? = nil, faultless: Bool = false) {
        self.seed = seed
        self.kind = kind
        self.mutant = mutant
        var chance = Chance(seed: seed &+ kind.salt &* 0x1000_0000_0000)
        calm = .seconds(Int64(chance.within(kind.calm)))
        rest = seed % 16 == 0 ? .minutes(10) : kind.rest
        faults = []
        let count = kind == .small ? chance.within(1...2) : kind == .wide ? chance.within(2...3) : 2
        regions = (0..<count).map { _ in chance.percent(60) ? .tombstones : .reusable }
        if kind.isDrawnWide {
            drawSettings(&chance)
            faults = Fault.drawSwarm(&chance, calm: calm, isSmall: kind == .small)
        } else {
            faults = Fault.draw(&chance, calm: calm)
        }
        switch kind {
        case .pool: deeds = PoolScript.draw(&chance, calm: calm)
        case .plan: deeds = PlanScript.draw(&chance, calm: calm)
        case .small, .wide:
            deeds = WideScript.draw(&chance, isSmall: kind == .small, calm: calm, regions: count)
        }
        for index in deeds.indices { deeds[index].number = index }
        if let mutant { faults = mutant.provoking(faults, &chance, calm: calm) }
        if faultless { faults = [] }
    }

    private mutating func drawSettings(_ chance: inout Chance) {
        rehearsal = chance.percent(10)
        engines = chance.percent(30)
        if chance.percent(20) { history = 50 }
        guard chance.percent(20) else { return }
        let day: Int64 = 86_400_000
        let midnight = (World.epochStart.milliseconds / day + 1) * day
        begins = Timestamp(milliseconds: midnight - Int64(chance.within(1000...40_000)))
    }

    static let namespace = "sim"
    static func region(_ index: Int) -> String { "region-\(index)" }
}

/// Something a person does.
package enum Deed: Sendable {
    case create(ObjectKey, Tree)
    case delete(ObjectKey)
    case scale(ObjectKey, Int)
    case suspend(ObjectKey, Bool)
    case cancel(ObjectKey)
    /// Deletes the n-th worker there is.
    case deleteWorker(Int)
    case maintain(Int, Bool)
    /// Writes one field of a spec, or takes it out.
    case set(ObjectKey, [String], Tree?)
    /// Applies a whole spec; where it is the one that stands, nothing.
    case apply(ObjectKey, Tree)
    /// Deletes the object and makes another under its name as soon as it is gone.
    case recreate(ObjectKey, Tree)
    case createOnceGone(ObjectKey, Tree, tries: Int)
    /// Says that an outside party has arrived at a sync point.
    case arrive(ObjectKey, String)
    /// Takes a short age of workers out of a pool, so that it comes to rest.
    case limitAge(ObjectKey)
}

extension Scenario.Kind {
    fileprivate var salt: UInt64 {
        switch self {
        case .pool: 1
        case .plan: 2
        case .small: 3
        case .wide: 4
        }
    }

    fileprivate var calm: ClosedRange<Int> {
        switch self {
        case .pool, .plan: 40...90
        case .small: 12...24
        case .wide: 40...70
        }
    }

    fileprivate var rest: Duration {
        switch self {
        case .pool, .plan: .seconds(40)
        case .small: .seconds(12)
        case .wide: .seconds(30)
        }
    }
}

extension Mutant {
    /// The faults without which the bug would not show.
    fileprivate func provoking(_ faults: [Fault], _ chance: inout Chance, calm: Duration) -> [Fault] {
        func at(_ low: Int, _ high: Int) -> Duration { .milliseconds(Int64(chance.within(low...high))) }
        func fault(_ at: Duration, _ lasts: Duration, _ kind: Fault.Kind) -> Fault {
            Fault(at: at, lasts: lasts, kind: kind)
        }
        var more: [Fault] = []
        switch self {
        case .acknowledge:
            for _ in 0..<4 {
                let start = at(4000, 35_000)
                more.append(fault(start, .seconds(6), .storeFails(applied: false)))
                more.append(fault(start + .seconds(3), .seconds(3), .crash(effect: 1, point: .before)))
            }
        case .epoch: more.append(fault(at(2000, 20_000), .seconds(8), .secondLeader))
        case .sweep:
            for region in 0..<2 {
                more.append(fault(.milliseconds(500), .seconds(30), .lateCreates(region: region, .seconds(20))))
            }
        case .gone:
            let start = at(6000, 12_000)
            for agent in 0..<4 {
                more.append(fault(start + .seconds(Int64(agent)), .seconds(25), .freezeAgent(agent)))
            }
        case .exclusive:
            let start = at(5000, 15_000)
            for agent in 0..<2 {
                more.append(fault(start + .milliseconds(Int64(agent)), .seconds(22), .partition(agent: agent)))
            }
            for region in 0..<2 {
                more.append(fault(start, .seconds(22), .providerFails(region: region, .unavailable, share: 100)))
            }
        case .twice:
            for region in 0..<2 { more.append(fault(.milliseconds(500), .seconds(20), .repliesLost(region: region))) }
        case .fence, .foreign, .barrier, .order: break
        }
        return (faults + more).sorted { $0.at < $1.at }
    }
}
