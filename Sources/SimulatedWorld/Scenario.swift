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
    /// Which neighbour of what the seed draws this is; 0: that itself.
    package private(set) var mutation: UInt64 = 0
    package var faults: [Fault]
    package var regions: [Naming] = []
    package var deeds: [Timed] = []
    /// From then on nothing goes wrong.
    package private(set) var calm: Duration
    /// How long a converged world must stay at rest.
    package let rest: Duration
    /// The wall clock at the start: now and then a day ends during a run.
    package private(set) var begins = World.epochStart
    /// Every region is served by processes of one machine.
    package private(set) var rehearsal = false
    /// Nobody asks outside parties, and nobody waits for them.
    var assumesExternals: Bool { rehearsal && seed % 2 == 0 }
    /// The one thing that it is about.
    package private(set) var focus: Focus?
    /// Changes that the store keeps for watches.
    package private(set) var history = 10_000
    /// Events that a watch hands over at once.
    package private(set) var delivery = 500
    /// Agents that find a container engine.
    package private(set) var engines = false

    package struct Timed: Sendable {
        package let at: Duration
        package let deed: Deed
        /// Its place among all that was drawn.
        package var number = 0
        package var summary: String { "\(at.text) \(Witness.gist(deed))" }
    }

    /// `mutation`: a neighbour of what the seed draws, with other faults and people who do otherwise.
    package init(
        seed: UInt64, kind: Kind, mutant: Mutant? = nil, faultless: Bool = false, mutation: UInt64 = 0
    ) {
        self.seed = seed
        self.kind = kind
        self.mutant = mutant
        var chance = Chance(seed: seed &+ kind.salt &* 0x1000_0000_0000)
        calm = .seconds(Int64(chance.within(kind.calm)))
        rest = seed % 16 == 0 ? .minutes(10) : kind.rest
        faults = []
        let count = kind == .small ? chance.within(1...2) : kind == .wide ? chance.within(2...3) : 2
        focus = kind == .small ? Focus(rawValue: seed % Focus.every) : nil
        if let longer = focus?.calm(seed) { calm = longer }
        regions = (0..<(focus == .elsewhere ? 3 : focus == .barrier ? 2 : count)).map { _ in
            chance.percent(60) ? .tombstones : .reusable
        }
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
            if let focus { faults = focus.faults(seed, calm: calm) }
            deeds = WideScript.draw(&chance, isSmall: kind == .small, calm: calm, regions: count, focus, seed: seed)
        }
        if mutation > 0 { mutate(by: mutation) }
        for index in deeds.indices { deeds[index].number = index }
        hasPoison = kind.isDrawnWide && deeds.contains { $0.deed.written?.mentions(Work.poison) == true }
        if let mutant { faults = mutant.provoking(faults, &chance, calm: calm) }
        if faultless { faults = [] }
    }

    /// The same where nothing goes wrong but that no provider answers, from early on for so long.
    package func away(for span: Duration) -> Scenario {
        var scenario = self
        let at = Duration.seconds(5)
        scenario.faults = regions.indices.map { region in
            Fault(at: at, lasts: span, kind: .providerFails(region: region, .unavailable, share: 100))
        }
        scenario.calm = max(calm, at + span)
        return scenario
    }

    /// How to run it again.
    package var command: String {
        let bug = mutant.map { " --break \($0.rawValue)" } ?? ""
        return "--seed \(seed) --world \(kind.rawValue)" + (mutation > 0 ? " --mutation \(mutation)" : "") + bug
    }

    /// Whether a task of it kills its agents.
    private(set) var hasPoison = false
    /// Whether nothing and nobody ends an attempt that was not to end.
    var isCalm: Bool { faults.isEmpty && deeds.allSatisfy { !$0.deed.disturbsWorkers } }

    private mutating func mutate(by number: UInt64) {
        mutation = number
        var chance = Chance(seed: seed &* 0x9E37_79B9_7F4A_7C15 &+ number)
        if chance.percent(40) {
            faults =
                kind.isDrawnWide
                ? Fault.drawSwarm(&chance, calm: calm, isSmall: kind == .small) : Fault.draw(&chance, calm: calm)
        }
        faults = faults.filter { _ in !chance.percent(10) }.map { fault in
            guard chance.percent(40) else { return fault }
            let latest = max(500, Int((calm - fault.lasts).milliseconds))
            let at = min(max(500, Int(fault.at.milliseconds) + chance.within(-5000...5000)), latest)
            return Fault(at: .milliseconds(Int64(at)), lasts: fault.lasts, kind: fault.kind)
        }.sorted { $0.at < $1.at }
        var changed: [Timed] = []
        for timed in deeds {
            switch timed.deed {
            case .create, .limitAge:
                changed.append(timed)
                continue
            default: break
            }
            if chance.percent(10) { continue }
            changed.append(chance.percent(40) ? moved(timed, &chance) : timed)
            // What is made anew has a uid, and there is one of it.
            if case .recreate = timed.deed { continue }
            if chance.percent(10) { changed.append(moved(timed, &chance)) }
        }
        deeds = changed.sorted { $0.at < $1.at }
    }

    private func moved(_ timed: Timed, _ chance: inout Chance) -> Timed {
        // Before ages are limited: from then on people set nothing more that never ends.
        let latest = max(0, Int(calm.milliseconds) - 2000)
        let at = min(max(0, Int(timed.at.milliseconds) + chance.within(-4000...4000)), latest)
        return Timed(at: .milliseconds(Int64(at)), deed: timed.deed)
    }

    private mutating func drawSettings(_ chance: inout Chance) {
        rehearsal = chance.percent(10)
        engines = chance.percent(30)
        if chance.percent(20) { history = 50 }
        if seed % 3 == 0 { delivery = 4 }
        if seed % 7 == 0 || focus == .losses && seed / Focus.every % 6 == 4 { delivery = 3 }
        // Some workers of it go when a day has just begun.
        if focus == .drain, seed / Focus.every % 4 < 2 { return begins = Self.midnight - .seconds(8) }
        guard chance.percent(20) else { return }
        begins = Self.midnight - .milliseconds(Int64(chance.within(1000...40_000)))
    }

    private static let midnight: Timestamp = {
        let day: Int64 = 86_400_000
        return Timestamp(milliseconds: (World.epochStart.milliseconds / day + 1) * day)
    }()

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
    /// Makes a Worker by hand, as one of that pool.
    case forge(ObjectKey, Int)
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
