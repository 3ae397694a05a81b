package import Model
import Ports
package import Tree

/// What a seed stands for: the objects people apply and when, the faults, and how the providers are made. The run
/// itself draws what is left to chance from the same seed.
package struct Scenario: Sendable {
    package enum Kind: String, Sendable, Hashable, CaseIterable { case pool, plan }

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

    package struct Timed: Sendable {
        package let at: Duration
        package let deed: Deed
        package var summary: String { "\(at.text) \(Witness.gist(deed))" }
    }

    package init(seed: UInt64, kind: Kind, mutant: Mutant? = nil, faultless: Bool = false) {
        self.seed = seed
        self.kind = kind
        self.mutant = mutant
        var chance = Chance(seed: seed &+ (kind == .pool ? 1 : 2) &* 0x1000_0000_0000)
        calm = .seconds(Int64(chance.within(40...90)))
        rest = seed % 16 == 0 ? .minutes(10) : .seconds(40)
        regions = (0..<2).map { _ in chance.percent(60) ? .tombstones : .reusable }
        faults = Fault.draw(&chance, calm: calm)
        switch kind {
        case .pool: deeds = PoolScript.draw(&chance, calm: calm)
        case .plan: deeds = PlanScript.draw(&chance, calm: calm)
        }
        if let mutant { faults = mutant.provoking(faults, &chance, calm: calm) }
        if faultless { faults = [] }
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
